// SPDX-License-Identifier: GPL-2.0-only

// double_lock - a method that holds its object's mutex calls another that takes it
//
// expect: unreachable main.(*account).balance mutex 3
// instead: deadlock main.(*account).balance mutex 3
package main

import (
	"patterns/plant"
	"sync"
)

type account struct {
	lock sync.Mutex
	sum  int
}

func (a *account) balance() int {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.sum
}

func (a *account) double() {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.sum += a.balance()
}

func (a *account) doubleOnce() {
	sum := a.balance()
	a.lock.Lock()
	defer a.lock.Unlock()
	a.sum += sum
}

func leak() any {
	for i := 0; i < 3; i++ {
		go (&account{}).double()
	}
	return nil
}

func correct() any {
	for i := 0; i < 3; i++ {
		go (&account{}).doubleOnce()
	}
	return nil
}

func main() { plant.Main(leak, correct) }
