// SPDX-License-Identifier: GPL-2.0-only

//go:build cgo

package main

// #include <unistd.h>
import "C"

// calls has a goroutine that waits in C.
func calls() {
	park(func() { C.pause() })
}
