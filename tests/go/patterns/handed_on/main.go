// SPDX-License-Identifier: GPL-2.0-only

// handed_on - channels that nobody holds for long: each goroutine hands what it knows to one that is
// new, each timer to the next, and a list of them is copied whenever it changes
//
// What is garbage makes a search slow. It is as nice as can be, to its own session and to others.
//
// form: correct
// expect: none
package main

import (
	"fmt"
	"patterns/plant"
	"sync/atomic"
	"time"
)

const (
	subscribers = 8192
	garbage     = 24 // MiB, twice: words, and what they point to
)

var (
	list atomic.Value // of []chan int, never changed in place
	keep [][]*int
	stop atomic.Bool
)

// What is left on stacks that were used before is overwritten.
//
//go:noinline
func wipe(n int) int {
	var words [64]int

	if n == 0 {
		return 0
	}
	words[n%64] = n
	return wipe(n-1) + words[(n+1)%64]
}

func byGoroutine(done chan int) {
	time.Sleep(2 * time.Millisecond)
	if stop.Load() {
		close(done)
		return
	}
	go byGoroutine(done)
}

func byTimer(done chan int) {
	time.Sleep(2 * time.Millisecond)
	if stop.Load() {
		close(done)
		return
	}
	time.AfterFunc(time.Millisecond, func() { byTimer(done) })
}

func hand(on func(chan int)) {
	done := make(chan int)
	go on(done)
	<-done
}

func subscribe() chan int {
	c := make(chan int)
	go func() {
		for range c {
		}
	}()
	return c
}

// One leaves, and one comes.
func change(n int) {
	old := list.Load().([]chan int)
	changed := append([]chan int(nil), old...)
	close(changed[n])
	changed[n] = subscribe()
	list.Store(changed)
}

func correct() any {
	var first []chan int

	plant.BeNice()
	for len(keep) < garbage {
		words := make([]*int, 1<<17)
		for i := range words {
			words[i] = new(int)
		}
		keep = append(keep, words)
	}
	for len(first) < subscribers {
		first = append(first, subscribe())
	}
	list.Store(first)
	go hand(byGoroutine)
	go hand(byTimer)
	return nil
}

func main() {
	plant.Start(nil, correct)
	fmt.Println("ready")
	go func() {
		plant.Wait()
		stop.Store(true)
	}()
	for n := 0; !stop.Load(); n++ {
		for i := 0; i < 10; i++ {
			go wipe(20)
		}
		change(n * 4099 % subscribers)
		time.Sleep(2 * time.Millisecond)
	}
}
