// SPDX-License-Identifier: GPL-2.0-only

// lock_order_deferred - two goroutines take two global mutexes in opposite order, and a third waits behind
//
// Everybody can reach the mutexes; but who is to unlock them stands in their deferred calls.
//
// expect: deadlock main.(*account).add mutex 2
// expect: deadlock main.total mutex 1
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

func (to *account) add(n int) {
	to.lock.Lock()
	defer to.lock.Unlock()
	to.sum += n
}

func (from *account) move(to *account, met *sync.WaitGroup) {
	from.lock.Lock()
	defer from.lock.Unlock()
	met.Done()
	met.Wait()
	from.sum--
	to.add(1)
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
	go a.move(&b, met)
	go b.move(&a, met)
	plant.Settle()
	go total()
	return nil
}

func correct() any {
	met := new(sync.WaitGroup)
	met.Add(1)
	go a.move(&b, met)
	go total()
	return nil
}

func main() { plant.Main(leak, correct) }
