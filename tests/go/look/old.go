// SPDX-License-Identifier: GPL-2.0-only

//go:build !go1.23

package main

const timerFlag = ""

func more() { calls() }
