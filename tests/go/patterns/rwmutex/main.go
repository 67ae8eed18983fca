// SPDX-License-Identifier: GPL-2.0-only

// rwmutex - a reader never unlocks; a writer waits for it, and later readers wait for the writer
//
// expect: unreachable main.read rwmutex-read 2
// expect: unreachable main.write rwmutex-write 1
package main

import (
	"patterns/plant"
	"sync"
)

type table struct {
	lock sync.RWMutex
	rows int
}

func peek(t *table) int {
	t.lock.RLock()
	return t.rows
}

func read(t *table) int {
	t.lock.RLock()
	defer t.lock.RUnlock()
	return t.rows
}

func write(t *table) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.rows++
}

func use(first func(*table) int) any {
	t := &table{}
	first(t)
	go write(t)
	plant.Settle()
	go read(t)
	go read(t)
	return nil
}

func leak() any    { return use(peek) }
func correct() any { return use(read) }

func main() { plant.Main(leak, correct) }
