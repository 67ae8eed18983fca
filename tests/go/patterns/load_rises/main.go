// SPDX-License-Identifier: GPL-2.0-only

// load_rises - a server with more and more connections, sessions and jobs, each of which has goroutines
// for as long as it is there; and jobs that are done a while after they were asked for
//
// form: correct
// expect: none
package main

import (
	"net"
	"patterns/plant"
	"patterns/plant/web"
	"sync"
	"time"
)

var (
	lock     sync.Mutex
	sessions []chan int
	clients  []net.Conn
)

// A connection that stays, with a goroutine of the server that reads from it.
func connect(address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	clients = append(clients, conn)
}

// A session that the program looks after.
func open() {
	events := make(chan int)
	lock.Lock()
	sessions = append(sessions, events)
	lock.Unlock()
	go func() {
		for range events {
			time.Sleep(time.Millisecond)
		}
	}()
}

// Each request has one job more for later than the one before it.
func later(n int) {
	for i := 0; i < n; i++ {
		go time.Sleep(3 * time.Second)
	}
}

func correct() any {
	listener := web.Listen()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = conn.Read(make([]byte, 1)) }()
		}
	}()
	n := 0
	plant.Traffic(func() {
		n++
		connect(listener.Addr().String())
		open()
		later(n)
	})
	return nil
}

func main() { plant.Main(nil, correct) }
