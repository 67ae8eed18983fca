// SPDX-License-Identifier: GPL-2.0-only

// park.go - goroutines that are blocked in many ways, behind frames of many kinds.
package main

import (
	"os"
	"reflect"
	"sort"
	"sync"
	"syscall"
	"time"
)

var never = make(chan int)

// Small enough to be inlined, one in the other.
func inner(c chan int) int { return <-c }
func outer(c chan int) int { return inner(c) + 1 }

//go:noinline
func caller() int { return outer(never) + 2 }

//go:noinline
func deep(n int, room [9]int) int {
	if n == 0 {
		return <-never
	}
	room[n%9]++
	return deep(n-1, room) + room[n%9]
}

type number interface{ ~int | ~int64 }

//go:noinline
func generic[T number](v T, c chan T) T { return v + <-c }

type value struct{ a, b, c int }

//go:noinline
func (v value) wait() { never <- v.a + v.b + v.c }

type waiter interface{ wait() }

// Called through the interface: by a wrapper that the compiler makes.
//
//go:noinline
func wrapped(w waiter) { w.wait() }

//go:noinline
func fault(p *value) {
	defer func() { <-never }()
	p.a++
}

//go:noinline
func panics() {
	defer func() {
		_ = recover()
		<-never
	}()
	panic("to be recovered")
}

// One instruction: wherever it is preempted, it is there.
//
//go:noinline
func spin() {
	for {
	}
}

//go:noinline
func unborn() { <-never }

func reflected() {
	f := reflect.MakeFunc(reflect.TypeOf(func(int) int { return 0 }), func([]reflect.Value) []reflect.Value {
		<-never
		return nil
	})
	reflect.ValueOf(func(n int) int { return f.Interface().(func(int) int)(n) }).Call([]reflect.Value{reflect.ValueOf(1)})
}

func park() {
	var m sync.Mutex
	var rw sync.RWMutex
	var group sync.WaitGroup
	var once sync.Once
	m.Lock()
	rw.Lock()
	group.Add(1)
	r, _, err := os.Pipe()
	check(err)
	var raw [2]int
	check(syscall.Pipe(raw[:]))
	for _, f := range []func(){
		func() { caller() },
		func() { deep(60, [9]int{}) },
		func() { generic(int64(1), make(chan int64)) },
		func() { wrapped(&value{1, 2, 3}) },
		func() { wrapped(value{1, 2, 3}) },
		func() { fault(nil) },
		panics,
		reflected,
		m.Lock,
		rw.RLock,
		group.Wait,
		func() { once.Do(func() { <-never }) },
		func() { sync.NewCond(&rw).Wait() },
		func() { time.Sleep(time.Hour) },
		func() { select {} },
		func() {
			select {
			case <-never:
			case <-time.After(time.Hour):
			}
		},
		func() { sort.Slice(make([]int, 9), func(int, int) bool { <-never; return false }) },
		func() { _, _ = r.Read(make([]byte, 1)) },
		func() { _, _ = syscall.Read(raw[0], make([]byte, 1)) },
		func() { var room [70000]byte; room[time.Now().Second()]++; <-never; _ = room },
	} {
		go f()
	}
	go spin()
}
