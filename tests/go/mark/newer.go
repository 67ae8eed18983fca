// SPDX-License-Identifier: GPL-2.0-only

// newer.go - what there is since Go 1.24.
//
//go:build go1.24

package main

import "runtime"

var cleaned *inner

var newer = []form{
	{"cleanup", func(note note) {
		c := make(chan int)
		cleaned = new(inner)
		runtime.AddCleanup(cleaned, func(c chan int) { close(c) }, c)
		go func() { note("live"); <-c }()
	}},
}
