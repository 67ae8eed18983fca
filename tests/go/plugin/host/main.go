// SPDX-License-Identifier: GPL-2.0-only

// host - loads a plugin and has it take a form: host PLUGIN leak|correct
//
// Prints "ready" once it is taken, and ends with its stdin.
package main

import (
	"os"
	"plugin"
	"time"
)

//go:noinline
func wait(c chan int) {
	<-c // for the plugin
}

func main() {
	p, err := plugin.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	take, err := p.Lookup("Take")
	if err != nil {
		panic(err)
	}
	done := make(chan bool)
	go func() {
		take.(func(string, func(chan int)))(os.Args[2], wait)
		done <- true
	}()
	<-done
	time.Sleep(100 * time.Millisecond)
	_, _ = os.Stdout.WriteString("ready\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}
