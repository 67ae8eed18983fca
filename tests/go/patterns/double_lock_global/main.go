// SPDX-License-Identifier: GPL-2.0-only

// double_lock_global - a mutex that everybody can reach is taken twice, and others queue behind
//
// Any goroutine may unlock it; but who is to do so waits for it.
//
// expect: deadlock main.read mutex 4
package main

import (
	"patterns/plant"
	"sync"
)

var (
	lock  sync.Mutex
	value int
)

func read() int {
	lock.Lock()
	defer lock.Unlock()
	return value
}

func double() {
	lock.Lock()
	defer lock.Unlock()
	value += read()
}

func doubleOnce() {
	v := read()
	lock.Lock()
	defer lock.Unlock()
	value += v
}

func readers() any {
	for i := 0; i < 3; i++ {
		go read()
	}
	return nil
}

func leak() any {
	go double()
	plant.Settle()
	return readers()
}

func correct() any {
	go doubleOnce()
	return readers()
}

func main() { plant.Main(leak, correct) }
