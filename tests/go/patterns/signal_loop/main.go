// SPDX-License-Identifier: GPL-2.0-only

// signal_loop - a loop over signals, which the kernel may bring at any time
//
// form: correct
// expect: none
package main

import (
	"os"
	"os/signal"
	"patterns/plant"
	"syscall"
)

func reload(hups chan os.Signal) {
	for range hups {
	}
}

func correct() any {
	hups := make(chan os.Signal, 1)
	signal.Notify(hups, syscall.SIGHUP)
	go reload(hups)
	return nil
}

func main() { plant.Main(nil, correct) }
