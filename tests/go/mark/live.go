// SPDX-License-Identifier: GPL-2.0-only

// live.go - goroutines that somebody may still wake.
package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"time"
)

type inner struct {
	name string
	m    sync.Mutex
	c    chan int
}

var (
	global     = make(chan int)
	globals    = map[string]chan int{}
	lock       sync.Mutex
	pointer    *inner
	field      *string
	group      = new(sync.WaitGroup)
	cond       = sync.NewCond(new(sync.Mutex))
	finalized  *inner
	anything   interface{}
	everything []interface{}
)

var live = []form{
	{"global", func(note note) {
		go func() { note("live"); <-global }()
	}},
	{"global mutex", func(note note) {
		lock.Lock()
		go func() { note("live"); lock.Lock() }()
	}},
	{"map", func(note note) {
		c := make(chan int)
		globals["a"] = c
		go func() { note("live"); <-c }()
	}},
	{"deep", func(note note) {
		c := make(chan int)
		everything = append(everything, map[int][]interface{}{3: {"x", func() { c <- 1 }}})
		go func() { note("live"); <-c }()
	}},
	{"inside an object", func(note note) {
		pointer = new(inner)
		p := pointer
		p.m.Lock()
		go func() { note("live"); p.m.Lock() }()
	}},
	{"pointer to a neighbour", func(note note) {
		p := new(inner)
		field = &p.name
		p.m.Lock()
		go func() { note("live"); p.m.Lock() }()
	}},
	{"a live stack", func(note note) {
		c := make(chan int)
		go func() { note("live"); time.Sleep(time.Hour); c <- 1 }()
		go func() { note("live"); <-c }()
	}},
	{"a chain of stacks", func(note note) {
		from := global
		for i := 0; i < 5; i++ {
			to := make(chan int)
			go func(from, to chan int) { note("live"); to <- <-from }(from, to)
			from = to
		}
		go func(c chan int) { note("live"); <-c }(from)
	}},
	{"a running one", func(note note) {
		c := make(chan int)
		go func() { note("live"); <-c }()
		go func() {
			note("live")
			for i := 0; ; i++ {
				if i == 1<<20 {
					runtime.Gosched()
					i = 0
				}
				if i < 0 {
					c <- 1
				}
			}
		}()
	}},
	{"a timer's function", func(note note) {
		c := make(chan int)
		time.AfterFunc(time.Hour, func() { close(c) })
		go func() { note("live"); <-c }()
	}},
	{"time.After", func(note note) {
		go func() { note("live"); <-time.After(time.Hour) }()
	}},
	{"a ticker", func(note note) {
		go func() {
			note("live")
			for range time.NewTicker(time.Hour).C {
			}
		}()
	}},
	{"select with a timeout", func(note note) {
		c := make(chan int)
		go func() {
			note("live")
			select {
			case <-c:
			case <-time.After(time.Hour):
			}
		}()
	}},
	{"context", func(note note) {
		ctx, cancel := context.WithCancel(context.Background())
		go func() { note("live"); <-ctx.Done() }()
		go func() { note("live"); time.Sleep(time.Hour); cancel() }()
	}},
	{"context with a timeout", func(note note) {
		ctx, _ := context.WithTimeout(context.Background(), time.Hour)
		child, _ := context.WithCancel(ctx)
		go func() { note("live"); <-child.Done() }()
	}},
	{"signal", func(note note) {
		c := make(chan os.Signal, 1)
		signal.Notify(c, os.Interrupt)
		go func() { note("live"); <-c }()
	}},
	{"listener", func(note note) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return
		}
		c := make(chan net.Conn)
		go func() {
			note("live")
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				c <- conn
			}
		}()
		go func() { note("live"); <-c }()
	}},
	{"pipe", func(note note) {
		r, w, _ := os.Pipe()
		everything = append(everything, w)
		done := make(chan int)
		go func() { note("live"); r.Read(make([]byte, 1)); close(done) }()
		go func() { note("live"); <-done }()
	}},
	{"wait group", func(note note) {
		group.Add(1)
		go func() { note("live"); group.Wait() }()
	}},
	{"workers of a wait group", func(note note) {
		w := new(sync.WaitGroup)
		for i := 0; i < 3; i++ {
			w.Add(1)
			go func() { note("live"); defer w.Done(); time.Sleep(time.Hour) }()
		}
		go func() { note("live"); w.Wait() }()
	}},
	{"cond", func(note note) {
		go func() { note("live"); cond.L.Lock(); cond.Wait() }()
	}},
	{"finalizer", func(note note) {
		c := make(chan int)
		finalized = new(inner)
		runtime.SetFinalizer(finalized, func(*inner) { close(c) })
		go func() { note("live"); <-c }()
	}},
	{"deferred", func(note note) {
		c := make(chan int)
		go func() {
			note("live")
			for i := 0; i < 3; i++ {
				defer func() { c <- i }()
			}
			time.Sleep(time.Hour)
		}()
		go func() { note("live"); <-c }()
	}},
	{"big object", func(note note) {
		c := make(chan int)
		big := make([]interface{}, 1<<20)
		big[len(big)-1] = c
		anything = big
		go func() { note("live"); <-c }()
	}},
	{"sync.Once", func(note note) {
		once := new(sync.Once)
		for i := 0; i < 2; i++ {
			go func() { note("live"); once.Do(func() { time.Sleep(time.Hour) }) }()
		}
	}},
}
