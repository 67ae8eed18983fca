// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.23

// iter_pull - iterators are pulled from once, and neither drained nor stopped
//
// Their goroutines are lost, but wait for no object that could be sought: Go does not see them either.
//
// expect: none
// beyond: unreachable main.numbers coroutine 3
package main

import (
	"iter"
	"patterns/plant"
)

func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func first(end bool) int {
	next, stop := iter.Pull(numbers)
	if end {
		defer stop()
	}
	v, _ := next()
	return v
}

func three(end bool) any {
	for i := 0; i < 3; i++ {
		first(end)
	}
	return nil
}

func leak() any    { return three(false) }
func correct() any { return three(true) }

func main() { plant.Main(leak, correct) }
