// SPDX-License-Identifier: GPL-2.0-only

// call_after - who knew a channel is in a system call now; what calls before it knew is still on its
// stack, below that of the system call
//
// expect: unreachable main.wait chan-receive 1
package main

import (
	"patterns/plant"
	"runtime"
	"syscall"
	"time"
)

func wait(c chan int) { <-c }

// Leaves the channel in many frames.
//
//go:noinline
func deep(c chan int, n int) int {
	var words [16]int

	words[n%16] = n
	if n > 0 {
		words[n%8] += deep(c, n-1)
	}
	return words[(n+1)%16] + len(c)
}

//go:noinline
func know() {
	c := make(chan int)
	go wait(c)
	deep(c, 8)
}

// Never returns: nobody writes.
func read() {
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		panic(err)
	}
	_, _ = syscall.Read(pipe[0], make([]byte, 1))
}

func run(known func()) {
	go known()
	time.Sleep(100 * time.Millisecond)
}

func leak() any {
	run(func() {
		know()
		read()
	})
	return nil
}

func correct() any {
	run(func() {
		c := make(chan int)
		go wait(c)
		read()
		runtime.KeepAlive(c)
	})
	return nil
}

func main() { plant.Main(leak, correct) }
