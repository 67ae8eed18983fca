// SPDX-License-Identifier: GPL-2.0-only

// preempted - channels that only goroutines know which never park: in registers, or saved by a signal
//
// It is as nice as can be, to its own session and to others.
//
// form: correct
// expect: none
package main

import (
	"fmt"
	"patterns/plant"
	"runtime"
	"sync/atomic"
	"time"
)

var (
	stop atomic.Bool
	sink int
)

//go:noinline
func counts(c chan int) {
	n := 0
	for !stop.Load() {
		n++
	}
	c <- n
}

//go:noinline
func multiplies(c chan int, a, b float64) {
	for i := 0; i&0xffffff != 0 || !stop.Load(); i++ {
		if a = a*b + 1; a > 1e300 {
			a = 1
		}
	}
	c <- int(a)
}

//go:noinline
func call(f func() int) int { return f() + 1 }

//go:noinline
func calls(c chan int) {
	n := 0
	for !stop.Load() {
		m := n
		n = call(func() int { return m*3 + len(c) })
	}
	c <- n
}

//go:noinline
func yields(c chan int) {
	for !stop.Load() {
		runtime.Gosched()
	}
	c <- 1
}

func hold(holder func(chan int)) {
	c := make(chan int)
	go func() { sink += <-c }()
	go holder(c)
}

func correct() any {
	plant.BeNice()
	hold(counts)
	hold(func(c chan int) { multiplies(c, 1, 1.0001) })
	hold(calls)
	hold(yields)
	return nil
}

func main() {
	plant.Start(nil, correct)
	time.Sleep(200 * time.Millisecond)
	fmt.Println("ready")
	plant.Wait()
	stop.Store(true)
}
