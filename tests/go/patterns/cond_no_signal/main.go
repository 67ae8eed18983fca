// SPDX-License-Identifier: GPL-2.0-only

// cond_no_signal - the queue gets its last item without a signal
//
// expect: unreachable main.(*queue).take cond 3
package main

import (
	"patterns/plant"
	"sync"
)

type queue struct {
	lock  sync.Mutex
	more  *sync.Cond
	items []int
}

func (q *queue) take() int {
	q.lock.Lock()
	defer q.lock.Unlock()
	for len(q.items) == 0 {
		q.more.Wait()
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item
}

func (q *queue) put(item int) {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.items = append(q.items, item)
}

func takers() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.lock)
	for i := 0; i < 3; i++ {
		go q.take()
	}
	plant.Settle()
	return q
}

func leak() any {
	takers().put(1)
	return nil
}

func correct() any {
	q := takers()
	for i := 0; i < 3; i++ {
		q.put(i)
		q.more.Signal()
	}
	return nil
}

func main() { plant.Main(leak, correct) }
