// SPDX-License-Identifier: GPL-2.0-only

// main.go - goroutines that wait for ever, and ones that look alike, for nowake to tell apart.
//
// Says of each goroutine "stuck ID FORM" or "live ID FORM", then "ready". For each line of input it
// says which goroutines Go's own detection calls leaked, as "leaked ID", and then "done".
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

// A form plants its goroutines, which note() themselves, and returns.
type form struct {
	name  string
	plant func(note func(what string))
}

func id() string {
	var buf [64]byte
	return strings.Fields(string(buf[:runtime.Stack(buf[:], false)]))[1]
}

//go:noinline
func plant(f form) {
	f.plant(func(what string) { fmt.Println(what, id(), f.name) })
}

// Overwrites what earlier calls left on the stack.
//
//go:noinline
func clear(depth int) byte {
	var room [512]byte
	for i := range room {
		room[i] = byte(depth)
	}
	if depth > 0 {
		return clear(depth-1) + room[depth%512]
	}
	return room[0]
}

func leaked() {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return
	}
	var out bytes.Buffer
	profile.WriteTo(&out, 2)
	for _, line := range strings.Split(out.String(), "\n") {
		words := strings.Fields(line)
		if len(words) > 2 && words[0] == "goroutine" && strings.Contains(line, "leaked") {
			fmt.Println("leaked", words[1])
		}
	}
}

func main() {
	for _, list := range [][]form{stuck, live, newer} {
		for i := range list {
			done := make(chan bool)
			go func(f form) {
				plant(f)
				clear(8)
				close(done)
			}(list[i])
			<-done
		}
	}
	time.Sleep(200 * time.Millisecond)
	runtime.GC()
	runtime.GC()
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		leaked()
		fmt.Println("done")
	}
}
