// SPDX-License-Identifier: GPL-2.0-only

// ticker_range - loops over tickers that nobody stops: time wakes them, no moment proves them
//
// expect: accumulating main.loop chan-receive 3
package main

import (
	"patterns/plant"
	"time"
)

func loop(ticker *time.Ticker) {
	for range ticker.C {
	}
}

func leak() any {
	plant.Traffic(func() { go loop(time.NewTicker(2 * time.Second)) })
	return nil
}

func loopUntil(ticker *time.Ticker, done chan struct{}) {
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-done:
			return
		}
	}
}

func correct() any {
	plant.Traffic(func() {
		done := make(chan struct{})
		defer close(done)
		go loopUntil(time.NewTicker(2*time.Second), done)
	})
	return nil
}

func main() { plant.Main(leak, correct) }
