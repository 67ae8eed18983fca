// SPDX-License-Identifier: GPL-2.0-only

// wait_group - a group counts one more than will ever be done, so that its results are never closed
//
// expect: unreachable main.closer wait-group 2
// expect: unreachable main.sum chan-receive 2
package main

import (
	"patterns/plant"
	"sync"
)

type results struct {
	group  sync.WaitGroup
	values chan int
}

func part(r *results, v int) {
	defer r.group.Done()
	r.values <- v
}

func closer(r *results) {
	r.group.Wait()
	close(r.values)
}

func sum(r *results) {
	total := 0
	for v := range r.values {
		total += v
	}
}

func parts(count int) {
	r := &results{values: make(chan int)}
	r.group.Add(count)
	go closer(r)
	go sum(r)
	for i := 0; i < 3; i++ {
		go part(r, i)
	}
}

func leak() any {
	parts(4)
	parts(4)
	return nil
}

func correct() any {
	parts(3)
	parts(3)
	return nil
}

func main() { plant.Main(leak, correct) }
