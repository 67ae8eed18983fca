// SPDX-License-Identifier: GPL-2.0-only

// send_after_timeout - a result comes when its receiver has given up
//
// expect: unreachable main.work chan-send 3
package main

import (
	"patterns/plant"
	"time"
)

func work(begin chan struct{}, result chan int) {
	<-begin
	result <- 1
}

func ask(begin chan struct{}, room int) {
	result := make(chan int, room)
	go work(begin, result)
	select {
	case <-result:
	case <-time.After(10 * time.Millisecond):
	}
}

// All are slow: they begin when all that asked have given up.
func times(n, room int) any {
	begin := make(chan struct{})
	for i := 0; i < n; i++ {
		ask(begin, room)
	}
	close(begin)
	return nil
}

func leak() any    { return times(3, 0) }
func correct() any { return times(3, 1) }

func main() { plant.Main(leak, correct) }
