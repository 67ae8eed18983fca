// SPDX-License-Identifier: GPL-2.0-only

// semaphore_full - a channel used as a semaphore is not given back by who fails
//
// expect: unreachable main.take chan-send 2
package main

import "patterns/plant"

func take(slots chan struct{}) { slots <- struct{}{} }

func try(slots chan struct{}, ok bool) {
	take(slots)
	if !ok {
		return
	}
	<-slots
}

func three(ok bool) any {
	slots := make(chan struct{}, 1)
	for i := 0; i < 3; i++ {
		go try(slots, ok)
	}
	return nil
}

func leak() any    { return three(false) }
func correct() any { return three(true) }

func main() { plant.Main(leak, correct) }
