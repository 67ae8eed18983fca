// SPDX-License-Identifier: GPL-2.0-only

// lock_order_global - two goroutines take two global mutexes in opposite order, and a third waits behind
//
// Everybody can reach the mutexes, and could unlock them: owners are not known to Go, and nothing is
// deferred that would tell.
//
// expect: none
// beyond: deadlock main.move mutex 2
// beyond: deadlock main.total mutex 1
package main

import (
	"patterns/plant"
	"sync"
)

type account struct {
	lock sync.Mutex
	sum  int
}

var a, b account

func move(from, to *account, met *sync.WaitGroup) {
	from.lock.Lock()
	met.Done()
	met.Wait()
	to.lock.Lock()
	from.sum, to.sum = from.sum-1, to.sum+1
	to.lock.Unlock()
	from.lock.Unlock()
}

func total() int {
	a.lock.Lock()
	defer a.lock.Unlock()
	b.lock.Lock()
	defer b.lock.Unlock()
	return a.sum + b.sum
}

func leak() any {
	met := new(sync.WaitGroup)
	met.Add(2)
	go move(&a, &b, met)
	go move(&b, &a, met)
	plant.Settle()
	go total()
	return nil
}

func correct() any {
	go total()
	go total()
	return nil
}

func main() { plant.Main(leak, correct) }
