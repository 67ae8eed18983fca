// SPDX-License-Identifier: GPL-2.0-only

// main.go - what the layouts are read from: a program that uses what goroutines wait for.
//
// The linker keeps the DWARF of a type only if something linked uses it.
package main

import (
	"os"
	"runtime"
	"sync"
	"time"
)

func main() {
	var (
		group sync.WaitGroup
		lock  sync.RWMutex
		ready = make(chan int, 1)
		cond  = sync.NewCond(lock.RLocker())
	)
	runtime.SetFinalizer(&[8]byte{}, func(*[8]byte) { cond.Broadcast() })
	group.Add(1)
	go func() {
		defer group.Done()
		select {
		case <-ready:
		case <-time.After(time.Second):
		}
	}()
	lock.Lock()
	ready <- 1
	lock.Unlock()
	group.Wait()
	os.Exit(0)
}
