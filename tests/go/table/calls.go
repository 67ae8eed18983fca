// SPDX-License-Identifier: GPL-2.0-only

// calls.go - what is inlined at this program's own instructions.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	_ "unsafe" // for go:linkname
)

// One pc becomes the pcs of all calls that are inlined there: what the profiler uses.
//
//go:linkname expand runtime/pprof.runtime_expandFinalInlineFrame
func expand(stk []uintptr) []uintptr

//go:noinline
func marker() {}

// How far from where its file says the program was loaded.
func bias(entry uint64) uint64 {
	return uint64(reflect.ValueOf(marker).Pointer()) - entry
}

func calls() {
	path, err := os.Executable()
	check(err)
	_, table := open(path)
	shift := bias(table.LookupFunc("main.marker").Entry)
	base := table.Funcs[0].Entry
	for i := range table.Funcs {
		f := &table.Funcs[i]
		if f.End == f.Entry {
			continue
		}
		for _, pc := range sample(f) {
			if pc == f.End-1 { // as a return address it would be the next function's
				continue
			}
			callsAt(pc-base, uintptr(pc+shift))
		}
	}
}

func callsAt(offset uint64, pc uintptr) {
	frames := runtime.CallersFrames(expand([]uintptr{pc + 1}))
	for {
		frame, more := frames.Next()
		if frame.File == "" {
			frame.File = "?"
		}
		fmt.Fprintf(out, "%d\t%s\t%s\t%d\n", offset, frame.Function, frame.File, frame.Line)
		if !more {
			return
		}
	}
}
