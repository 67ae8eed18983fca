// SPDX-License-Identifier: GPL-2.0-only

// stuck.go - goroutines that nobody can wake.
package main

import (
	"sync"
	"time"
)

type note = func(what string)

// Too large for the allocator to put it beside something that lives.
type mutex struct {
	name string
	sync.Mutex
}

var stuck = []form{
	{"send", func(note note) {
		c := make(chan int)
		go func() { note("stuck"); c <- 1 }()
	}},
	{"send of pointers", func(note note) {
		c := make(chan *int)
		go func() { note("stuck"); c <- new(int) }()
	}},
	{"send, full", func(note note) {
		c := make(chan string, 2)
		go func() { note("stuck"); c <- "a"; c <- "b"; c <- "c" }()
	}},
	{"range", func(note note) {
		c := make(chan int)
		go func() {
			note("stuck")
			for range c {
			}
		}()
		go func() { c <- 1 }()
	}},
	{"select", func(note note) {
		a, b := make(chan int), make(chan *int)
		go func() {
			note("stuck")
			select {
			case <-a:
			case b <- nil:
			}
		}()
	}},
	{"nil channel", func(note note) {
		var c chan int
		go func() { note("stuck"); <-c }()
	}},
	{"no cases", func(note note) {
		go func() { note("stuck"); select {} }()
	}},
	{"wait group", func(note note) {
		w := new(sync.WaitGroup)
		w.Add(2)
		go func() { w.Done() }()
		go func() { note("stuck"); w.Wait() }()
	}},
	{"double lock", func(note note) {
		m := new(mutex)
		go func() { note("stuck"); m.Lock(); m.Lock() }()
	}},
	{"read lock, then lock", func(note note) {
		m := new(struct {
			name string
			sync.RWMutex
		})
		go func() { note("stuck"); m.RLock(); m.Lock() }()
	}},
	{"lock order", func(note note) {
		a, b := new(mutex), new(mutex)
		go func() { note("stuck"); a.Lock(); time.Sleep(50 * time.Millisecond); b.Lock(); a.Unlock() }()
		go func() { note("stuck"); b.Lock(); time.Sleep(50 * time.Millisecond); a.Lock(); b.Unlock() }()
	}},
	{"cond", func(note note) {
		c := sync.NewCond(new(mutex))
		go func() { note("stuck"); c.L.Lock(); c.Wait() }()
	}},
	{"each other's channel", func(note note) {
		a, b := make(chan *int), make(chan *int)
		go func() { note("stuck"); <-a; b <- nil }()
		go func() { note("stuck"); <-b; a <- nil }()
	}},
	{"ring of five", func(note note) {
		first := make(chan chan int)
		from := first
		for i := 0; i < 5; i++ {
			to := first
			if i < 4 {
				to = make(chan chan int)
			}
			go func(from, to chan chan int) { note("stuck"); to <- <-from }(from, to)
			from = to
		}
	}},
}
