// SPDX-License-Identifier: GPL-2.0-only

// pipeline_dropped - a chain of three whose reader takes two results and leaves
//
// expect: unreachable main.source chan-send 1
// expect: unreachable main.square chan-send 1
// expect: unreachable main.shift chan-send 1
package main

import "patterns/plant"

// False: it was told to stop.
func put(to chan int, v int, stop chan struct{}) bool {
	select {
	case to <- v:
		return true
	case <-stop:
		return false
	}
}

func source(to chan int) {
	for i := 0; ; i++ {
		to <- i
	}
}

func square(from, to chan int) {
	for v := range from {
		to <- v * v
	}
	close(to)
}

func shift(from, to chan int) {
	for v := range from {
		to <- v + 1
	}
	close(to)
}

func leak() any {
	a, b, c := make(chan int), make(chan int), make(chan int)
	go source(a)
	go square(a, b)
	go shift(b, c)
	<-c
	<-c
	return nil
}

func sourceUntil(to chan int, stop chan struct{}) {
	defer close(to)
	for i := 0; put(to, i, stop); i++ {
	}
}

func correct() any {
	a, b, c, stop := make(chan int), make(chan int), make(chan int), make(chan struct{})
	go sourceUntil(a, stop)
	go square(a, b)
	go shift(b, c)
	<-c
	<-c
	close(stop)
	for range c {
	}
	return nil
}

func main() { plant.Main(leak, correct) }
