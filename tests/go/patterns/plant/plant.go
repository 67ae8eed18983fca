// SPDX-License-Identifier: GPL-2.0-only

// Package plant - what the programs of goroutine leaks have in common: how they start, stand and end.
//
// A program is called with the form it shall take, leak or correct. When it has taken it and all its
// goroutines are parked it prints "ready", and ends on SIGTERM, or when its stdin is a pipe that ends; on SIGUSR1 it
// becomes another program: itself, in its correct form.
//
//	GC=1           it collects garbage before it is ready
//	LEAKS=1        it prints all goroutines before; with Go's leak detection, if there is one (-tags leaks)
//	EVERY=200ms    how often a request comes, in those that stand under load
//	REQUESTS=200   how many at most
package plant

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Form brings about a state, and returns what main goes on holding.
type Form func() any

var (
	signals = make(chan os.Signal, 1)
	becomes = make(chan os.Signal, 1)
	ended   chan struct{} // of stdin; nil: it is no pipe
	leaks   = func() {}   // prints all goroutines
)

// Main is all of a program's main. A program that has no leaking form passes nil.
func Main(leak, correct Form) {
	held := Start(leak, correct)
	Ready()
	Wait()
	runtime.KeepAlive(held)
}

// Start runs the form that is asked for, in a goroutine that ends, as a request's would: none of the
// form's frames is left.
func Start(leak, correct Form) any {
	forms := map[string]Form{"leak": leak, "correct": correct}
	if len(os.Args) != 2 || forms[os.Args[1]] == nil {
		fmt.Fprintf(os.Stderr, "usage: %s leak|correct (or it has no such form)\n", os.Args[0])
		os.Exit(2)
	}
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	signal.Notify(becomes, syscall.SIGUSR1)
	if stdin, err := os.Stdin.Stat(); err == nil && stdin.Mode()&os.ModeNamedPipe != 0 {
		ended = make(chan struct{})
		go drain()
	}
	held := make(chan any)
	go run(forms[os.Args[1]], held)
	return <-held
}

func run(form Form, held chan any) { held <- form() }

func drain() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	close(ended)
}

// Ready says that the state is reached, once all goroutines are parked.
func Ready() {
	Settle()
	if os.Getenv("GC") != "" {
		runtime.GC()
		Settle()
	}
	if os.Getenv("LEAKS") != "" {
		leaks()
	}
	fmt.Println("ready")
}

// Wait waits until the program shall end.
func Wait() {
	select {
	case <-signals:
	case <-ended:
	case <-becomes:
		fmt.Fprintln(os.Stderr, syscall.Exec("/proc/self/exe", []string{os.Args[0], "correct"}, os.Environ()))
	}
}

// Settle waits until all goroutines but its own are parked, and stay so. It is no use to go on if
// they do not.
func Settle() {
	last, same := "", 0
	for n := 0; same < 3; n++ {
		if n == 1000 {
			fmt.Fprintln(os.Stderr, "the goroutines do not come to rest")
			os.Exit(1)
		}
		time.Sleep(10 * time.Millisecond)
		now, parked := states()
		if same++; !parked || now != last {
			same = 0
		}
		last = now
	}
}

// What each goroutine does, and whether all but this one are parked.
func states() (string, bool) {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	var heads []string
	for _, part := range strings.Split(string(text), "\n\n") {
		heads = append(heads, strings.SplitN(part, "\n", 2)[0])
	}
	now := strings.Join(heads[1:], "\n")
	return now, !strings.Contains(now, "[run")
}

// Traffic has three requests handled, and more as long as the program runs.
func Traffic(request func()) {
	for i := 0; i < 3; i++ {
		request()
	}
	go load(request)
}

func load(request func()) {
	every, err := time.ParseDuration(os.Getenv("EVERY"))
	if err != nil {
		every = 200 * time.Millisecond
	}
	most, err := strconv.Atoi(os.Getenv("REQUESTS"))
	if err != nil {
		most = 200
	}
	for i := 3; i < most; i++ {
		time.Sleep(every)
		request()
	}
}

// BeNice has a program that works all the time use one processor, and only when nobody else does.
func BeNice() {
	runtime.GOMAXPROCS(1)
	_ = syscall.Setpriority(syscall.PRIO_PGRP, 0, 19)
	_ = os.WriteFile("/proc/self/autogroup", []byte("19"), 0)
}
