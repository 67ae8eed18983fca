// SPDX-License-Identifier: GPL-2.0-only

// time_after_loop - each request starts a loop over time.After, which goes on when nobody sends any more
//
// A timer wakes it each time: no moment proves it.
//
// expect: accumulating main.loop select 3
package main

import (
	"context"
	"patterns/plant"
	"time"
)

func loop(in chan int) {
	for {
		select {
		case <-in:
		case <-time.After(2 * time.Second):
		}
	}
}

func leak() any {
	plant.Traffic(func() {
		in := make(chan int)
		go loop(in)
		in <- 1
	})
	return nil
}

func loopUntil(ctx context.Context, in chan int) {
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	for {
		select {
		case <-in:
		case <-timer.C:
			timer.Reset(2 * time.Second)
		case <-ctx.Done():
			return
		}
	}
}

func correct() any {
	plant.Traffic(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		in := make(chan int)
		go loopUntil(ctx, in)
		in <- 1
	})
	return nil
}

func main() { plant.Main(leak, correct) }
