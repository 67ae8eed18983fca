// SPDX-License-Identifier: GPL-2.0-only

// lock_order - two goroutines take two mutexes in opposite order, and nobody else knows them
//
// expect: unreachable main.move mutex 2
package main

import (
	"patterns/plant"
	"sync"
)

type account struct {
	lock sync.Mutex
	sum  int
}

// Between its locks it lets the other one come as far.
func move(from, to *account, met *sync.WaitGroup) {
	from.lock.Lock()
	met.Done()
	met.Wait()
	to.lock.Lock()
	from.sum, to.sum = from.sum-1, to.sum+1
	to.lock.Unlock()
	from.lock.Unlock()
}

func leak() any {
	a, b, met := &account{}, &account{}, new(sync.WaitGroup)
	met.Add(2)
	go move(a, b, met)
	go move(b, a, met)
	return nil
}

func moveOrdered(first, second *account) {
	first.lock.Lock()
	second.lock.Lock()
	first.sum, second.sum = first.sum-1, second.sum+1
	second.lock.Unlock()
	first.lock.Unlock()
}

func correct() any {
	a, b := &account{}, &account{}
	go moveOrdered(a, b)
	go moveOrdered(a, b)
	return nil
}

func main() { plant.Main(leak, correct) }
