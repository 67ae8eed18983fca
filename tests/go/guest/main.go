// SPDX-License-Identifier: GPL-2.0-only

// Command guest - in a virtual machine: starts programs of patterns/, and has nowake look at them
//
// usage: guest NOWAKE PATTERNS SO-MANY-AT-ONCE NAME:FORM...
//
// PATTERNS is what patterns/build.sh made of all of them together. Of each it prints
// "program PID NAME FORM", and of so many "report JSON" in one line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

func fail(what ...any) {
	fmt.Println(append([]any{"guest:"}, what...)...)
	os.Exit(1)
}

// start returns when it is ready; it ends when its stdin does.
func start(patterns, name, form string) (*exec.Cmd, io.Closer) {
	program := &exec.Cmd{Path: patterns, Args: []string{name, form}, Stderr: os.Stdout}
	stdin, err := program.StdinPipe()
	if err != nil {
		fail(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		fail(err)
	}
	if err := program.Start(); err != nil {
		fail(err)
	}
	for lines := bufio.NewScanner(stdout); ; {
		if !lines.Scan() {
			fail(name, form, "is not ready")
		}
		if lines.Text() == "ready" {
			return program, stdin
		}
	}
}

func look(nowake, patterns string, plays []string) {
	arguments := []string{"report", "--json", "--threshold", "1s"}
	for _, play := range plays {
		name, form, _ := strings.Cut(play, ":")
		program, stdin := start(patterns, name, form)
		defer func() { stdin.Close(); _ = program.Wait() }()
		arguments = append(arguments, "-p", strconv.Itoa(program.Process.Pid))
		fmt.Println("program", program.Process.Pid, name, form)
	}
	time.Sleep(2 * time.Second)
	report, err := exec.Command(nowake, arguments...).Output()
	if err != nil {
		fail(nowake, err)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, report); err != nil {
		fail(err)
	}
	fmt.Println("report", line.String())
}

func main() {
	if len(os.Args) < 5 {
		fail("usage: guest NOWAKE PATTERNS SO-MANY-AT-ONCE NAME:FORM...")
	}
	most, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail(err)
	}
	for plays := os.Args[4:]; len(plays) > 0; {
		if most > len(plays) {
			most = len(plays)
		}
		look(os.Args[1], os.Args[2], plays[:most])
		plays = plays[most:]
	}
}
