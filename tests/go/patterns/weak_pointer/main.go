// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.24

// weak_pointer - a channel that only a weak pointer leads to, and the stack of the one that waits
//
// That stack keeps it from being collected, so that the weak pointer stays good, and who has it can
// wake the one that waits: when the program ends, main does. Go's own detection does not see this.
//
// form: correct
// expect: none
// profile: unreachable main.(*event).wait chan-receive 1
package main

import (
	"fmt"
	"os"
	"patterns/plant"
	"runtime"
	"weak"
)

type event struct {
	number int
	c      chan int
}

var (
	last  weak.Pointer[event]
	woken = make(chan int)
)

func (e *event) wait() {
	<-e.c
	woken <- e.number
}

func correct() any {
	e := &event{number: 1, c: make(chan int)}
	last = weak.Make(e)
	go e.wait()
	return nil
}

func main() {
	plant.Start(nil, correct)
	plant.Ready()
	plant.Wait()
	if os.Getenv("LEAKS") != "" {
		return // Go crashes when one is woken that it says to have leaked
	}
	runtime.GC()
	close(last.Value().c)
	fmt.Println("woken", <-woken)
}
