// SPDX-License-Identifier: GPL-2.0-only

// held - a plugin: goroutines that wait in its code, for channels that nobody knows any more, or that
// only its own variables and the stacks of its own code know
package main

import "time"

type box struct {
	numbers [7]int
	c       chan int
}

var known, boxed = make(chan int), &box{}

func receive(c chan int) int { return <-c } // which is inlined

//go:noinline
func blocked(c chan int) int { return receive(c) }

//go:noinline
func through(wait func(chan int), c chan int) {
	wait(c) // which is the host's
}

//go:noinline
func same(b *box) *box { return b }

// What it knows no more is still a word of its stack.
func forgets() {
	c := make(chan int)
	go blocked(c)
	time.Sleep(time.Hour)
}

func holds() {
	c := make(chan int)
	go blocked(c)
	time.Sleep(time.Hour)
	c <- 1
}

func holdsObject() {
	b := box{c: make(chan int)}
	go blocked(b.c)
	p := same(&b)
	time.Sleep(time.Hour)
	p.c <- p.numbers[0]
}

func holdsForHost(wait func(chan int), c chan int) {
	go func() { c <- 1 }()
	time.Sleep(time.Hour)
	wait(c)
}

// Take is what the host calls.
func Take(form string, wait func(chan int)) {
	if form == "leak" {
		go blocked(make(chan int))
		go through(wait, make(chan int))
		go forgets()
		return
	}
	boxed.c = make(chan int)
	go blocked(known)
	go through(wait, boxed.c)
	go holds()
	go holdsObject()
	go holdsForHost(wait, make(chan int))
}

func main() {}
