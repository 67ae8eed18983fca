// SPDX-License-Identifier: GPL-2.0-only

// extract.go - reads layouts of Go's runtime from programs' DWARF, and writes them as a C table.
//
// usage: extract MEMBERS TABLE LIST PROGRAM...        PROGRAM: one per version and GOARCH
//
// MEMBERS: members.txt; TABLE: layout_table.inc; LIST: layout_members.inc, with what MEMBERS says for
// programs that no row is for, and of which sizes each member was seen.
// Nothing is guessed: what members.txt says is in a version and is not, or the reverse, is an error.
// What is printed names no patch level: a new one that changes no layout changes no table.
package main

import (
	"bufio"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A member is a line of members.txt; a group's first is its size, unless it only holds constants.
type member struct {
	name, what  string
	option      bool
	first, last int // minor versions
}

type group struct {
	name    string
	types   []string
	members []member
}

// A program is what can be asked about one binary.
type program struct {
	file      *elf.File
	symbols   map[string]elf.Symbol
	types     map[string]dwarf.Type
	constants map[string]int64
	version   string
	minor     int
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "extract: "+format+"\n", args...)
	os.Exit(1)
}

func must(err error, format string, args ...any) {
	if err != nil {
		fail(format+": %v", append(args, err)...)
	}
}

// parseRange reads "19-21", "22-", "-22" or nothing.
func parseRange(text string) (first, last int) {
	first, last = 0, 1000
	from, to, _ := strings.Cut(text, "-")
	var err error
	if from != "" {
		first, err = strconv.Atoi(from)
		must(err, "%q is no range of versions", text)
	}
	if to != "" {
		last, err = strconv.Atoi(to)
		must(err, "%q is no range of versions", text)
	}
	return first, last
}

func parseMembers(path string) (groups []group) {
	file, err := os.Open(path)
	must(err, "cannot read what to look for")
	defer file.Close()
	first, last := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		words := append(strings.Fields(line), "")
		if len(words) == 1 || line[0] == '#' {
			continue
		}
		if len(words) < 3 {
			fail("%s: %q: a name, what it is, perhaps versions", path, line)
		}
		if line[0] != '\t' {
			first, last = parseRange(words[2])
			name, mark, _ := strings.Cut(words[0], "?")
			if mark = ""; name != words[0] {
				mark = "?"
			}
			groups = append(groups, group{name: name, types: strings.Split(words[1], "|")})
			if words[1] == "-" {
				groups[len(groups)-1].types = nil
				continue
			}
			words = []string{"size" + mark, "#", ""}
		}
		m := member{what: words[1]}
		m.name, m.option = strings.CutSuffix(words[0], "?")
		m.first, m.last = parseRange(words[2])
		m.first, m.last = max(m.first, first), min(m.last, last)
		into := &groups[len(groups)-1]
		into.members = append(into.members, m)
	}
	return groups
}

// bytes returns what the program holds at an address, before it runs.
func (p *program) bytes(address, size uint64) []byte {
	for _, section := range p.file.Sections {
		if section.Type == elf.SHT_PROGBITS && section.Flags&elf.SHF_ALLOC != 0 &&
			section.Addr <= address && address+size <= section.Addr+section.Size {
			data := make([]byte, size)
			_, err := section.ReadAt(data, int64(address-section.Addr))
			must(err, "%s", section.Name)
			return data
		}
	}
	fail("%s: nothing at %#x", p.version, address)
	return nil
}

func (p *program) symbol(name string) elf.Symbol {
	symbol, ok := p.symbols[name]
	if !ok {
		fail("%s: no symbol %s", p.version, name)
	}
	return symbol
}

// text returns the string whose header stands at an address.
func (p *program) text(address uint64) string {
	header := p.bytes(address, 16)
	size := binary.LittleEndian.Uint64(header[8:])
	if size == 0 {
		return ""
	}
	return string(p.bytes(binary.LittleEndian.Uint64(header), size))
}

func (p *program) readDwarf() {
	data, err := p.file.DWARF()
	must(err, "no DWARF")
	p.types, p.constants = map[string]dwarf.Type{}, map[string]int64{}
	for reader := data.Reader(); ; {
		entry, err := reader.Next()
		must(err, "DWARF")
		if entry == nil {
			break
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		switch entry.Tag {
		case dwarf.TagStructType, dwarf.TagTypedef:
			if strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "internal/abi.") || strings.HasPrefix(name, "sync.") {
				p.types[name], err = data.Type(entry.Offset)
				must(err, "type %s", name)
			}
		case dwarf.TagConstant:
			if value, ok := entry.Val(dwarf.AttrConstValue).(int64); ok {
				p.constants[name] = value
			}
		}
	}
}

func open(path string) *program {
	file, err := elf.Open(path)
	must(err, "%s", path)
	p := &program{file: file, symbols: map[string]elf.Symbol{}}
	symbols, err := file.Symbols()
	must(err, "%s", path)
	for _, symbol := range symbols {
		p.symbols[symbol.Name] = symbol
	}
	p.version = p.text(p.symbol("runtime.buildVersion").Value)
	_, err = fmt.Sscanf(p.version, "go1.%d", &p.minor)
	must(err, "%s: built by %q", path, p.version)
	p.readDwarf()
	return p
}

func bare(t dwarf.Type) dwarf.Type {
	for {
		named, ok := t.(*dwarf.TypedefType)
		if !ok {
			return t
		}
		t = named.Type
	}
}

// walk follows a path like sched.sp from a type: what is there, and how far from the start.
func walk(t dwarf.Type, path string) (dwarf.Type, int64, bool) {
	var offset int64
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		record, ok := bare(t).(*dwarf.StructType)
		if !ok {
			return nil, 0, false
		}
		found := false
		for _, field := range record.Field {
			if field.Name == step {
				t, offset, found = field.Type, offset+field.ByteOffset, true
				break
			}
		}
		if !found {
			return nil, 0, false
		}
	}
	return t, offset, true
}

// size of what is at a path: the member, or with [] one element of it.
func size(t dwarf.Type, path string) (int64, bool) {
	path, element := strings.CutSuffix(path, "[]")
	t, _, ok := walk(t, path)
	if !ok {
		return 0, false
	}
	if element {
		array, ok := bare(t).(*dwarf.ArrayType)
		if !ok {
			return 0, false
		}
		t = array.Type
	}
	return t.Size(), true
}

// width of what a path leads to, in bytes.
func width(t dwarf.Type) int64 {
	switch t := bare(t).(type) {
	case *dwarf.PtrType, *dwarf.FuncType:
		return 8
	default:
		return t.Size()
	}
}

func (p *program) find(t dwarf.Type, what string) (int64, bool) {
	if name, ok := strings.CutPrefix(what, "="); ok {
		for _, name := range strings.Split(name, "|") {
			if value, ok := p.constants[name]; ok {
				return value, true
			}
		}
		return 0, false
	}
	if t == nil {
		return 0, false
	}
	if path, ok := strings.CutPrefix(what, "#"); ok {
		return size(t, path)
	}
	for _, path := range strings.Split(what, "|") {
		if _, offset, ok := walk(t, path); ok {
			return offset, true
		}
	}
	return 0, false
}

func (p *program) typeOf(g *group) (t dwarf.Type) {
	for _, name := range g.types {
		if t = p.types[name]; t != nil {
			break
		}
	}
	return t
}

// value of a member in this version, -1 where it has none.
func (p *program) value(g *group, m member) int64 {
	t := p.typeOf(g)
	value, found := p.find(t, m.what)
	expected := m.first <= p.minor && p.minor <= m.last
	switch {
	case found && !expected:
		fail("%s: has %s.%s (%s), and members.txt says it has not", p.version, g.name, m.name, m.what)
	case !found && expected:
		fail("%s: no %s.%s (%s)", p.version, g.name, m.name, m.what)
	case !found:
		return -1
	case value != int64(int32(value)) || value < 0:
		fail("%s: %s.%s is %d", p.version, g.name, m.name, value)
	}
	return value
}

func (p *program) waitReasons() (reasons []string) {
	table := p.symbol("runtime.waitReasonStrings")
	for at := uint64(0); at < table.Size; at += 16 {
		reasons = append(reasons, p.text(table.Value+at))
	}
	return reasons
}

// wrap lays out items in lines of at most 100 columns: head, then the items, then tail.
func wrap(head string, items []string, end, tail string) {
	line := head
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		if len(line)+7+len(item)+len(end) > 99 {
			fmt.Println(strings.TrimRight(line, " ") + end)
			line = "\t" + item
		} else {
			line += item
		}
		line += " "
	}
	fmt.Println(strings.TrimRight(line, " ") + tail)
}

func (p *program) arch() string {
	switch p.file.Machine {
	case elf.EM_X86_64:
		return "GOLANG_AMD64"
	case elf.EM_AARCH64:
		return "GOLANG_ARM64"
	}
	fail("%s: %v", p.version, p.file.Machine)
	return ""
}

// initializers prints the group of each program as a macro, each text once, named after the first
// program that has it, and returns the names: one per program.
func initializers(g *group, programs []*program) (names []string) {
	seen := map[string]string{}
	for _, p := range programs {
		var items []string
		for _, m := range g.members {
			items = append(items, fmt.Sprintf(".%s = %d", m.name, p.value(g, m)))
		}
		text := strings.Join(items, "")
		if seen[text] == "" {
			seen[text] = fmt.Sprintf("%s_%d", strings.ToUpper(g.name), p.minor)
			if p.arch() == "GOLANG_ARM64" {
				seen[text] += "_ARM64"
			}
			wrap("#define "+seen[text]+" { ", items, " \\", " }")
		}
		names = append(names, fmt.Sprintf(".%s = %s", g.name, seen[text]))
	}
	return names
}

func (p *program) printRow(items []string) {
	magic := binary.LittleEndian.Uint32(p.bytes(p.symbol("runtime.pclntab").Value, 4))
	base, ok := p.constants["runtime.arenaBaseOffsetUintptr"]
	if !ok {
		fail("%s: no arenaBaseOffsetUintptr", p.version)
	}
	wrap("{ ", append([]string{
		fmt.Sprintf(".minor = %d", p.minor), ".arch = " + p.arch(),
		fmt.Sprintf(".pclntab_magic = %#x", magic), fmt.Sprintf(".arena_base_offset = %#x", uint64(base)),
		fmt.Sprintf("WAIT_REASONS(wait_reasons_%d)", p.minor)}, items...), "", " },")
}

// sizes of a member: of what its path leads to, or the values if these are sizes.
func sizes(g *group, m member, programs []*program) (all []int64) {
	if m.what == "#" || m.what[0] == '=' {
		return []int64{0}
	}
	for _, p := range programs {
		size, t := p.value(g, m), p.typeOf(g)
		if size < 0 {
			continue
		}
		if m.what[0] != '#' {
			for _, path := range strings.Split(m.what, "|") {
				if at, _, ok := walk(t, path); ok {
					size = width(at)
					break
				}
			}
		}
		if !slices.Contains(all, size) {
			all = append(all, size)
		}
	}
	slices.Sort(all)
	return all
}

func writeList(path string, groups []group, programs []*program) {
	file, err := os.Create(path)
	must(err, "list")
	defer file.Close()
	fmt.Fprint(file, "/* SPDX-License-Identifier: GPL-2.0-only */\n",
		"/* layout_members.inc - what each member of struct golang_layout is in Go's runtime.\n",
		" *\n",
		" * Made by tests/go/layouts/generate.sh: do not edit. MEMBER, or OPTION where one may be missing: group,\n",
		" * member, Go's types, what it is, first and last minor version that have it (as members.txt says), and\n",
		" * the sizes in bytes that it has in those that were read, 0: any. Included by layout_own.c only. */\n")
	for i := range groups {
		g := &groups[i]
		for _, m := range g.members {
			macro := "MEMBER"
			if m.option {
				macro = "OPTION"
			}
			head := fmt.Sprintf("%s(%s, %s, %q,", macro, g.name, m.name, strings.Join(g.types, "|"))
			tail := fmt.Sprintf(" %q, %d, %d", m.what, m.first, m.last)
			for _, size := range sizes(g, m, programs) {
				tail += fmt.Sprintf(", %d", size)
			}
			if len(head)+len(tail) > 98 {
				head += "\n      "
			}
			fmt.Fprintln(file, head+tail+")")
		}
	}
}

func printReasons(programs []*program) {
	done := map[int]bool{}
	for _, p := range programs {
		if done[p.minor] {
			continue
		}
		done[p.minor] = true
		var items []string
		for _, reason := range p.waitReasons() {
			items = append(items, strconv.Quote(reason))
		}
		wrap(fmt.Sprintf("static const char *const wait_reasons_%d[] = { ", p.minor), items, "", " };")
	}
}

func main() {
	if len(os.Args) < 5 {
		fail("usage: extract MEMBERS TABLE LIST PROGRAM...")
	}
	groups := parseMembers(os.Args[1])
	count := 0
	for _, g := range groups {
		count += len(g.members)
	}
	var programs []*program
	for _, path := range os.Args[4:] {
		p := open(path)
		programs = append(programs, p)
		fmt.Fprintf(os.Stderr, "extract: %s %s\n", p.version, p.file.Machine)
	}
	writeList(os.Args[3], groups, programs)
	table, err := os.Create(os.Args[2])
	must(err, "table")
	os.Stdout = table
	fmt.Print("/* SPDX-License-Identifier: GPL-2.0-only */\n",
		"/* layout_table.inc - where things lie in Go's runtime, per minor version and architecture.\n",
		" *\n",
		" * Made by tests/go/layouts/generate.sh from the DWARF of programs that the real toolchains built:\n",
		" * do not edit. tests/go/layouts/members.txt says what each member is. Included by layout.c only.\n",
		" * What several rows share is written once, and named after the first of them. */\n")
	fmt.Printf("#define LAYOUT_MEMBERS %d\n\n", count)
	printReasons(programs)
	fmt.Println()
	rows := make([][]string, len(programs))
	for i := range groups {
		for row, name := range initializers(&groups[i], programs) {
			rows[row] = append(rows[row], name)
		}
	}
	fmt.Println("\nstatic const struct golang_layout table[] = {")
	for i, p := range programs {
		p.printRow(rows[i])
	}
	fmt.Println("};")
}
