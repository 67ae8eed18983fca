// SPDX-License-Identifier: GPL-2.0-only

// main.go - what Go itself says about the code of a Go program, for tests/go/table.sh to compare.
//
//	table where FILE       offset and size of its function table; offset and size of go:func.*
//	table functions FILE   its functions, as debug/gosym reads them
//	table places FILE      a sample of its instructions, with function, file and line
//	table calls            the same of this program, as its own runtime sees them, with what is inlined
//	table live             the memory that this program's goroutines have on their stacks; then it panics
//	table expected         the frames of a panic, from standard input
//
// Addresses are distances from the first function, but for live.
package main

import (
	"bufio"
	"debug/elf"
	"debug/gosym"
	"fmt"
	"io"
	"os"
	"strings"
)

var out = bufio.NewWriter(os.Stdout)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func section(f *elf.File) *elf.Section {
	for _, name := range []string{".gopclntab", ".data.rel.ro.gopclntab"} {
		if s := f.Section(name); s != nil {
			return s
		}
	}
	check(fmt.Errorf("no section with a function table"))
	return nil
}

func open(path string) (*elf.File, *gosym.Table) {
	f, err := elf.Open(path)
	check(err)
	data, err := section(f).Data()
	check(err)
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, f.Section(".text").Addr))
	check(err)
	return f, table
}

// The address of a symbol; 0: there is none.
func symbol(f *elf.File, names ...string) uint64 {
	symbols, _ := f.Symbols()
	for _, s := range symbols {
		for _, name := range names {
			if s.Name == name {
				return s.Value
			}
		}
	}
	return 0
}

func where(path string) {
	f, err := elf.Open(path)
	check(err)
	table := section(f)
	gofunc := symbol(f, "go:func.*", "go.func.*")
	at, size := uint64(0), uint64(0)
	for _, s := range f.Sections {
		if gofunc >= s.Addr && gofunc < s.Addr+s.Size && s.Flags&elf.SHF_ALLOC != 0 {
			at, size = gofunc-s.Addr+s.Offset, s.Addr+s.Size-gofunc
		}
	}
	fmt.Fprintln(out, table.Offset, table.Size, at, size)
}

// Instructions of a function: its first and last bytes, and some between.
func sample(f *gosym.Func) []uint64 {
	var pcs []uint64
	step := (f.End-f.Entry)/17 + 1
	for pc := f.Entry; pc < f.End; pc += step {
		pcs = append(pcs, pc)
	}
	if last := f.End - 1; pcs[len(pcs)-1] != last {
		pcs = append(pcs, last)
	}
	return pcs
}

func functions(path string) {
	_, table := open(path)
	base := table.Funcs[0].Entry
	for _, f := range table.Funcs {
		fmt.Fprintf(out, "%d\t%d\t%s\n", f.Entry-base, f.End-base, f.Name)
	}
}

func places(path string) {
	_, table := open(path)
	base := table.Funcs[0].Entry
	for i := range table.Funcs {
		f := &table.Funcs[i]
		// the marks have no tables, and debug/gosym reads some where none are
		if f.End == f.Entry || strings.HasPrefix(f.Name, "go:textfips") {
			continue
		}
		for _, pc := range sample(f) {
			file, line, fn := table.PCToLine(pc)
			if file == "" || line < 0 {
				file, line = "?", 0
			}
			fmt.Fprintf(out, "%d\t%s\t%s\t%d\n", pc-base, fn.Name, file, line)
		}
	}
}

func main() {
	defer out.Flush()
	switch {
	case len(os.Args) == 3 && os.Args[1] == "where":
		where(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "functions":
		functions(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "places":
		places(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "calls":
		calls()
	case len(os.Args) == 2 && os.Args[1] == "live":
		live()
	case len(os.Args) == 2 && os.Args[1] == "expected":
		text, err := io.ReadAll(os.Stdin)
		check(err)
		expected(string(text))
	default:
		check(fmt.Errorf("usage: table where|functions|places FILE, or table calls|live|expected"))
	}
}
