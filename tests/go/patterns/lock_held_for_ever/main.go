// SPDX-License-Identifier: GPL-2.0-only

// lock_held_for_ever - who holds a global lock sends to somebody who is gone; others wait for the lock
//
// expect: unreachable main.(*store).put chan-send 1
// expect: orphaned main.(*store).get rwmutex-read 2
// expect: orphaned main.(*store).clear mutex 1
package main

import (
	"patterns/plant"
	"sync"
)

type store struct {
	lock sync.RWMutex
	rows []int
}

var data store

func (s *store) put(row int, results chan<- int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.rows = append(s.rows, row)
	results <- len(s.rows)
}

func (s *store) get() int {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return len(s.rows)
}

func (s *store) clear() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.rows = nil
}

func use(results chan int) {
	go data.put(1, results)
	plant.Settle()
	go data.get()
	go data.get()
	go data.clear()
}

func leak() any {
	use(make(chan int))
	return nil
}

func correct() any {
	use(make(chan int, 1))
	return nil
}

func main() { plant.Main(leak, correct) }
