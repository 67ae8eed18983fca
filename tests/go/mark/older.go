// SPDX-License-Identifier: GPL-2.0-only

// older.go - nothing of what there is since Go 1.24.
//
//go:build !go1.24

package main

var newer []form
