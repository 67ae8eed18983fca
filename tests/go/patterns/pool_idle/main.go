// SPDX-License-Identifier: GPL-2.0-only

// pool_idle - workers that wait for jobs, and a pool that waits for requests: their owner is there
//
// form: correct
// expect: none
package main

import (
	"patterns/plant"
	"sync"
)

type pool struct {
	jobs    chan func()
	free    chan int
	stop    chan struct{}
	lock    sync.Mutex
	more    *sync.Cond
	wanted  int
	running sync.WaitGroup
}

func (p *pool) worker() {
	defer p.running.Done()
	for job := range p.jobs {
		job()
	}
}

func (p *pool) opener() {
	p.lock.Lock()
	defer p.lock.Unlock()
	for p.wanted == 0 {
		p.more.Wait()
	}
}

func (p *pool) borrower() {
	select {
	case <-p.free:
	case <-p.stop:
	}
}

func (p *pool) closer() { p.running.Wait() }

func correct() any {
	p := &pool{jobs: make(chan func()), free: make(chan int), stop: make(chan struct{})}
	p.more = sync.NewCond(&p.lock)
	p.running.Add(3)
	for i := 0; i < 3; i++ {
		go p.worker()
	}
	go p.opener()
	go p.borrower()
	go p.closer()
	p.jobs <- func() {}
	return p
}

func main() { plant.Main(nil, correct) }
