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
	third     sync.Mutex
	rows      sync.RWMutex
	many      two
	paused    int
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

// Who defers the unlock of another lock by a helper, which is inlined into what the compiler makes of it.
type two struct{ lock, commit sync.Mutex }

func (t *two) unlockCommit() { t.commit.Unlock() }

func (t *two) get() {
	t.lock.Lock()
	defer t.lock.Unlock()
}

func (t *two) commits() {
	t.commit.Lock()
	defer t.unlockCommit()
	wait()
	t.get()
}

//go:noinline
func lockBoth() {
	s.Lock()
	third.Lock()
}

func defersBothFirst() {
	wait()
	defer third.Unlock()
	defer s.Unlock()
	lockBoth()
}

//go:noinline
func sleepUnlocked(l sync.Locker) {
	l.Unlock()
	wait()
	l.Lock()
}

func asALocker() {
	s.Lock()
	defer s.Unlock()
	sleepUnlocked(&s)
}

//go:noinline
func deferredPause() {
	defer s.Unlock()
	s.n++
}

func withADeferredPause() {
	s.Lock()
	defer s.Unlock()
	deferredPause()
	wait()
	takeBack()
}

var stats sync.Mutex

//go:noinline
func countedPause() {
	stats.Lock()
	paused++
	stats.Unlock()
	s.Unlock()
}

func withACountedPause() {
	s.Lock()
	defer s.Unlock()
	countedPause()
	wait()
	takeBack()
}

//go:noinline
func pauseByTwo() {
	s.n++
	pause()
}

func withTwoLevels() {
	s.Lock()
	defer s.Unlock()
	pauseByTwo()
	wait()
	takeBack()
}

// The Unlock that lent it stands at the end of the loop, behind where it waits.
func atTheEndOfALoop() {
	s.Lock()
	defer s.Unlock()
	for i := 0; i < 2; i++ {
		if i > 0 {
			wait()
			takeBack()
		}
		s.n++
		s.Unlock()
	}
	s.Lock()
}

// It is released by its reader, which wants to read again.
func readsAgain() {
	rows.RLock()
	defer rows.RUnlock()
	rows.RUnlock()
	wait()
	rows.RLock()
}

// Nothing tells that it is the one that holds them.
func holds() {
	s.Lock()
	many.lock.Lock()
	rows.Lock()
	s.changed.Broadcast()
	close(resume)
	for {
		time.Sleep(time.Second)
	}
}

func correct() any {
	s.changed = sync.NewCond(&s)
	all := []func(){unlocksAndLocks, inALoop, withOneHelper, withTwoHelpers, waitsForCond, defersFirst,
		defersAFunction, acrossTwo, holdsOther, many.commits, defersBothFirst, asALocker, withADeferredPause,
		withACountedPause, withTwoLevels, atTheEndOfALoop, readsAgain}
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
