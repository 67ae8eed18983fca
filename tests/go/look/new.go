// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.23

package main

import "iter"

// more has an iterator that waits to be asked for its next value.
func more() {
	next, _ := iter.Pull(func(yield func(int) bool) {
		for yield(1) {
		}
	})
	next()
	keep = append(keep, next)
	calls()
}

var keep []func() (int, bool)
