// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.24

package main

import "runtime"

func closes(c chan int) { close(c) }

// Nobody holds the slot: its end wakes the one that waits.
func cleaned() { runtime.AddCleanup(&slot{}, closes, waited()) }

func init() { newer = append(newer, cleaned) }
