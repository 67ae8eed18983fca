// SPDX-License-Identifier: GPL-2.0-only

// lock_held_long - a lock was lent in a way that no code shows; that another one has it tells
//
// Two goroutines look as if each waited for the other; a third one has deferred the same Unlock.
//
// form: correct
package main

import (
	"patterns/plant"
	"runtime"
	"sync"
	"time"
)

var (
	lock, other sync.Mutex
	lent        sync.WaitGroup
	resume      = make(chan struct{})
)

func wait() {
	lent.Done()
	<-resume
}

//go:noinline
func unlocked(l sync.Locker, f func()) {
	l.Unlock()
	wait()
	f()
	l.Lock()
}

func lends() {
	lock.Lock()
	defer lock.Unlock()
	unlocked(&lock, func() {
		other.Lock()
		defer other.Unlock()
	})
}

func use() {
	lock.Lock()
	defer lock.Unlock()
}

func holdsOther() {
	other.Lock()
	defer other.Unlock()
	wait()
	use()
}

func holds() {
	lock.Lock()
	defer lock.Unlock()
	close(resume)
	for {
		time.Sleep(time.Second)
	}
}

func correct() any {
	lent.Add(2)
	go lends()
	go holdsOther()
	lent.Wait()
	go holds()
	plant.Settle()
	runtime.GC() // since then at least they wait
	return nil
}

func main() { plant.Main(nil, correct) }
