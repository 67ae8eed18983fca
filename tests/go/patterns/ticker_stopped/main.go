// SPDX-License-Identifier: GPL-2.0-only

// ticker_stopped - loops over tickers that were stopped: that does not close their channels
//
// expect: unreachable main.loop chan-receive 3
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
	for i := 0; i < 3; i++ {
		ticker := time.NewTicker(time.Hour)
		go loop(ticker)
		plant.Settle()
		ticker.Stop()
	}
	return nil
}

// One that is started again.
func correct() any {
	ticker := time.NewTicker(time.Hour)
	go loop(ticker)
	plant.Settle()
	ticker.Stop()
	ticker.Reset(time.Hour)
	return nil
}

func main() { plant.Main(leak, correct) }
