// SPDX-License-Identifier: GPL-2.0-only

// reachable - ways in which something alive reaches a channel that another one waits on
//
// form: correct
// expect: none
package main

import (
	"patterns/plant"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

type slot struct {
	number int
	c      chan int
}

type closer interface{ close() }

func (s *slot) close() { close(s.c) }

var (
	byName  = map[string]chan int{}
	byKey   = map[chan int]bool{}
	inside  *chan int // of an element in the middle of an array
	again   func()
	some    closer
	shared  sync.Map
	swapped atomic.Value
	hidden  unsafe.Pointer
	nested  chan chan int
	newer   []func() // ways that came with later versions
)

func wait(c chan int) { <-c }

func waited() chan int {
	c := make(chan int)
	go wait(c)
	return c
}

// Sends when it is woken: a chain of those that wait.
func pass(from, to chan int) { to <- <-from }

func sleeps(c chan int) {
	time.Sleep(time.Hour)
	close(c)
}

// In a system call, not parked.
func calls(c chan int) {
	left := syscall.Timespec{Sec: 3600}
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
	close(c)
}

func globals() {
	byName["c"] = waited()
	byKey[waited()] = true
	slots := make([]slot, 100)
	slots[50].c = waited()
	inside = &slots[50].c
	c := waited()
	again = func() { close(c) }
	some = &slot{c: waited()}
	shared.Store("c", waited())
	swapped.Store(waited())
	hidden = unsafe.Pointer(&slot{c: waited()})
	nested = make(chan chan int, 2)
	nested <- waited()
}

func finalized(s *slot) { s.close() }

// Nobody holds it: its end wakes the one that waits.
func dropped() { runtime.SetFinalizer(&slot{c: waited()}, finalized) }

func correct() any {
	globals()
	dropped()
	for _, way := range newer {
		way()
	}
	c := waited()
	time.AfterFunc(time.Hour, func() { close(c) })
	go sleeps(waited())
	go calls(waited())
	link := make(chan int)
	go pass(link, waited())
	go sleeps(link)
	return &slot{c: waited()}
}

func main() { plant.Main(nil, correct) }
