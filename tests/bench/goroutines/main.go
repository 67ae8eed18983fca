// SPDX-License-Identifier: GPL-2.0-only

// goroutines - so many goroutines that wait, a heap of so many MiB of pointers, and one that counts
//
// usage: goroutines N MIB. Prints "ready", then answers lines on stdin: "count" with how far it has
// counted, "leaks" with the seconds that Go's own leak detection took, and what it found ("- 0" where
// this Go has none).
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"
)

type node struct {
	next  *node
	other [7]*node
}

var (
	nodes   []*node
	counted atomic.Int64
	channel = make(chan int)
)

func count() {
	for {
		for x := nodes[0]; x != nil; x = x.next {
			counted.Add(1)
		}
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		fmt.Fprintln(os.Stderr, "usage: goroutines N MIB")
		os.Exit(2)
	}
	return n
}

func leaks() string {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return "- 0"
	}
	start := time.Now()
	profile.WriteTo(io.Discard, 0)
	return fmt.Sprintf("%.6f %d", time.Since(start).Seconds(), profile.Count())
}

func main() {
	if len(os.Args) != 3 {
		number("")
	}
	for i := number(os.Args[1]); i > 0; i-- {
		go func() { <-channel }()
	}
	for i := number(os.Args[2]) << 20 / 64; i > 0; i-- {
		nodes = append(nodes, &node{})
	}
	for i, x := range nodes {
		x.other[i%7] = nodes[(i*7919)%len(nodes)]
		if i%64 == 0 && i+64 < len(nodes) {
			x.next = nodes[i+64]
		}
	}
	go count()
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "leaks" {
			fmt.Println(leaks())
		} else {
			fmt.Println(counted.Load())
		}
	}
	close(channel)
}
