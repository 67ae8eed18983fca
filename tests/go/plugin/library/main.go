// SPDX-License-Identifier: GPL-2.0-only

// library - Go code for C programs: goroutines that wait for what nobody knows, or only its own code
package main

import "C"

import "time"

var known = make(chan int)

//go:noinline
func blocked(c chan int) { <-c }

func forget(n int) {
	for ; n > 0; n-- { // C's memory may well know one or another by chance
		go blocked(make(chan int))
	}
}

func hold() {
	c := make(chan int)
	go blocked(c)
	time.Sleep(time.Hour)
	c <- 1
}

//export Take
func Take(form *C.char) {
	if C.GoString(form) == "leak" {
		go forget(8)
		return
	}
	go blocked(known)
	go hold()
}

func main() {}
