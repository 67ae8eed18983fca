// SPDX-License-Identifier: GPL-2.0-only

// rwmutex_global - the same lock held for reading twice with a writer between: a deadlock for its owners
//
// expect: deadlock main.inner rwmutex-read 1
// expect: deadlock main.write rwmutex-write 1
package main

import (
	"patterns/plant"
	"sync"
)

var (
	lock sync.RWMutex
	rows int
)

func inner() int {
	lock.RLock()
	defer lock.RUnlock()
	return rows
}

// The writer comes between its two locks.
func outer(between func()) int {
	lock.RLock()
	defer lock.RUnlock()
	between()
	return inner()
}

func write() {
	lock.Lock()
	defer lock.Unlock()
	rows++
}

func writer(started chan struct{}) {
	<-started
	write()
}

func leak() any {
	started, goOn := make(chan struct{}), make(chan struct{})
	go writer(started)
	go outer(func() {
		close(started)
		<-goOn
	})
	plant.Settle()
	close(goOn)
	return nil
}

func correct() any {
	go outer(func() {})
	go write()
	return nil
}

func main() { plant.Main(leak, correct) }
