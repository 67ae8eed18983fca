// SPDX-License-Identifier: GPL-2.0-only

// lock_lent - who has a deferred Unlock still to run, and does not hold the lock: another one does
//
// It is held for long by one that goes on. All others want it back, and look as if they waited for
// themselves, or for each other.
//
// form: correct
package main

import (
	"patterns/plant"
	"runtime"
	"sync"
	"time"
)

type state struct {
	sync.Mutex
	changed *sync.Cond
	n       int
}

var (
	s, other  state
	lent      sync.WaitGroup
	resume    = make(chan struct{})
	otherIsIn = make(chan struct{})
)

func wait() {
	lent.Done()
	<-resume
}

func unlocksAndLocks() {
	s.Lock()
	defer s.Unlock()
	s.Unlock()
	wait()
	s.Lock()
	s.n++
}

func inALoop() {
	s.Lock()
	defer s.Unlock()
	for i := 0; i < 2; i++ {
		s.n++
		if i == 0 {
			s.Unlock()
			wait()
			s.Lock()
		}
	}
}

//go:noinline
func pauseFor(f func()) {
	s.Unlock()
	f()
	s.Lock()
}

func withOneHelper() {
	s.Lock()
	defer s.Unlock()
	pauseFor(wait)
	s.n++
}

//go:noinline
func pause() {
	s.n++
	s.Unlock()
}

//go:noinline
func takeBack() {
	s.Lock()
	s.n++
}

func withTwoHelpers() {
	s.Lock()
	defer s.Unlock()
	pause()
	wait()
	takeBack()
}

func waitsForCond() {
	s.Lock()
	defer s.Unlock()
	lent.Done()
	for s.n >= 0 {
		s.changed.Wait()
	}
}

func defersFirst() {
	wait()
	defer s.Unlock()
	s.Lock()
	s.n++
}

func defersAFunction() {
	defer func() {
		s.Lock()
		s.n++
		s.Unlock()
	}()
	wait()
	takeBack()
	s.Unlock()
}

// It has lent s, and waits for other, whose holder waits for s.
func acrossTwo() {
	s.Lock()
	defer s.Unlock()
	s.Unlock()
	wait()
	other.Lock()
	other.Unlock()
	s.Lock()
}

func holdsOther() {
	other.Lock()
	defer other.Unlock()
	close(otherIsIn)
	wait()
	takeBack()
	s.Unlock()
}

func holds() {
	s.Lock()
	s.changed.Broadcast()
	close(resume)
	for {
		time.Sleep(time.Second)
	}
}

func correct() any {
	s.changed = sync.NewCond(&s)
	all := []func(){unlocksAndLocks, inALoop, withOneHelper, withTwoHelpers, waitsForCond, defersFirst,
		defersAFunction, acrossTwo, holdsOther}
	lent.Add(len(all))
	for _, f := range all {
		go f()
	}
	<-otherIsIn
	lent.Wait()
	plant.Settle()
	go holds()
	plant.Settle()
	runtime.GC() // since then at least they wait
	return nil
}

func main() { plant.Main(nil, correct) }
