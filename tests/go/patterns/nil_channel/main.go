// SPDX-License-Identifier: GPL-2.0-only

// nil_channel - channels that were never made, and a goroutine that stays in select {}
//
// expect: nil-channel main.receive nil-receive 1
// expect: nil-channel main.send nil-send 1
// expect: nil-channel main.both select 1
// expect: no-cases main.forever no-cases 1
package main

import "patterns/plant"

type events struct{ in, out chan int }

func receive(e *events) { <-e.in }
func send(e *events)    { e.out <- 1 }

func both(e *events) {
	select {
	case <-e.in:
	case e.out <- 1:
	}
}

func forever() { select {} }

func leak() any {
	e := &events{}
	go receive(e)
	go send(e)
	go both(e)
	go forever()
	return e
}

// A nil channel turns a case off, and that is all.
func merge(a, b chan int) {
	for a != nil || b != nil {
		select {
		case _, ok := <-a:
			if !ok {
				a = nil
			}
		case _, ok := <-b:
			if !ok {
				b = nil
			}
		}
	}
}

func correct() any {
	e := &events{in: make(chan int, 1), out: make(chan int, 1)}
	go send(e)
	go merge(e.in, nil)
	return e
}

func main() { plant.Main(leak, correct) }
