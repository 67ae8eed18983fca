// SPDX-License-Identifier: GPL-2.0-only

// live.go - the stacks of this program's goroutines, as memory, and as its runtime prints them.
//
// On standard output:
//
//	text ADDRESS                          where the code begins
//	g ID PC SP LR LO HI SYSCALL           what the runtime saved of a goroutine
//	m ADDRESS BYTES                       its stack, in hexadecimal
//
// Then it panics, and on standard error stands what expected() makes a table of:
//
//	ID PC SP CFA NAME FILE LINE           a frame; - - - for one that is inlined
package main

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Where the members of runtime.g are, from this program's own debug information.
func layout(f *elf.File) map[string]int64 {
	data, err := f.DWARF()
	check(err)
	members := map[string]int64{}
	for _, want := range []string{"runtime.g", "runtime.gobuf"} {
		r := data.Reader()
		for {
			e, err := r.Next()
			check(err)
			if e == nil {
				check(fmt.Errorf("no type %s", want))
			}
			if e.Tag != dwarf.TagStructType {
				continue
			}
			if e.Val(dwarf.AttrName) != want {
				continue
			}
			t, err := data.Type(e.Offset)
			check(err)
			for _, field := range t.(*dwarf.StructType).Field {
				members[strings.TrimPrefix(want, "runtime.")+"."+field.Name] = field.ByteOffset
			}
			break
		}
	}
	return members
}

func word(p unsafe.Pointer, offset int64) uint64 {
	return *(*uint64)(unsafe.Add(p, offset))
}

func dump(out io.Writer, g unsafe.Pointer, at map[string]int64) {
	status := *(*uint32)(unsafe.Add(g, at["g.atomicstatus"])) &^ 0x1000
	sched := at["g.sched"]
	pc, sp, lr := word(g, sched+at["gobuf.pc"]), word(g, sched+at["gobuf.sp"]), word(g, sched+at["gobuf.lr"])
	lo, hi := word(g, at["g.stack"]), word(g, at["g.stack"]+8)
	inSyscall := 0
	if status == 2 || status == 6 || status == 0 { // running, dead, new
		return
	}
	if status == 3 {
		pc, sp, lr, inSyscall = word(g, at["g.syscallpc"]), word(g, at["g.syscallsp"]), 0, 1
	}
	memory := unsafe.Slice((*byte)(unsafe.Pointer(uintptr(sp))), hi-sp)
	fmt.Fprintf(out, "g %d %d %d %d %d %d %d\n", word(g, at["g.goid"]), pc, sp, lr, lo, hi, inSyscall)
	fmt.Fprintf(out, "m %d %s\n", sp, hex.EncodeToString(memory))
}

var (
	header = regexp.MustCompile(`^goroutine (\d+) .*\[(.*)\]:$`)
	place  = regexp.MustCompile(`^\t(.*):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x([0-9a-f]+) sp=0x([0-9a-f]+) pc=0x([0-9a-f]+))?$`)
)

// What a panic prints with GOTRACEBACK=system, as the frames that are to be found.
func expected(text string) {
	id, name, created := "", "", false
	for _, line := range strings.Split(text, "\n") {
		if m := header.FindStringSubmatch(line); m != nil {
			id = m[1]
			if strings.HasPrefix(m[2], "running") {
				id = ""
			}
		} else if m := place.FindStringSubmatch(line); m != nil {
			if id != "" && !created {
				frame := "-\t-\t-"
				if m[3] != "" {
					frame = m[5] + "\t" + m[4] + "\t" + m[3]
				}
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", id, frame, name, m[1], m[2])
			}
		} else if line != "" {
			created = strings.HasPrefix(line, "created by ")
			if at := strings.LastIndexByte(line, '('); at > 0 {
				name = line[:at]
			}
		}
	}
}

// Writes without a word to the scheduler: no goroutine may run now.
func write(b []byte) {
	for len(b) > 0 {
		n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, 1, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		if e != 0 {
			os.Exit(1)
		}
		b = b[n:]
	}
}

func live() {
	debug.SetGCPercent(-1) // no stack moves
	path, err := os.Executable()
	check(err)
	f, err := elf.Open(path)
	check(err)
	shift := bias(symbol(f, "main.marker"))
	at := layout(f)
	allgs := (*[]unsafe.Pointer)(unsafe.Pointer(uintptr(symbol(f, "runtime.allgs") + shift)))
	memory := bytes.NewBuffer(make([]byte, 0, 4<<20))
	fmt.Fprintf(memory, "text %d\n", symbol(f, "runtime.text")+shift)
	park()
	time.Sleep(200 * time.Millisecond)
	debug.SetTraceback("system")
	runtime.GOMAXPROCS(1)
	runtime.Gosched() // a whole slice of time is before us
	go unborn()
	for _, g := range *allgs {
		dump(memory, g, at)
	}
	write(memory.Bytes())
	panic("dumped")
}
