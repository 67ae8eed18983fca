// SPDX-License-Identifier: GPL-2.0-only

// look - goroutines that wait in every way there is, and what Go itself says of them
//
//	look           one of each; says so, and stays
//	look many N    N that wait for channels
//
// Lines, for look.sh to compare with those of look_dump.c:
//
//	G id parent state locked      each that is not the runtime's own; ?: parent not known
//	O id object...                what it waits on
//	F id function                 its calls, from the innermost on, without the runtime's
//	T from to                     when collections were made (CLOCK_MONOTONIC)
package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

var (
	lock  sync.Mutex
	noted = map[uint64]string{}
	parks int
)

func id() uint64 {
	var text [64]byte
	n := runtime.Stack(text[:], false)
	word := bytes.Fields(text[:n])[1]
	v, _ := strconv.ParseUint(string(word), 10, 64)
	return v
}

// park lets a goroutine wait in f, on the objects named.
func park(f func(), objects ...string) {
	parks++
	sort.Strings(objects)
	go func() {
		note(objects)
		f()
	}()
}

func note(objects []string) {
	me := id()
	lock.Lock()
	defer lock.Unlock()
	noted[me] = strings.Join(objects, " ")
}

// channel is as look_dump.c prints it; ch is a channel of any kind.
func channel(ch interface{}, flags string) string {
	v := reflect.ValueOf(ch)
	return fmt.Sprintf("c%x:%d/%d%s", v.Pointer(), v.Len(), v.Cap(), flags)
}

func semaphore(p unsafe.Pointer, offset uintptr) string {
	return fmt.Sprintf("s%x", uintptr(p)+offset)
}

// timer is a channel that has room for one, and says that it has none when its timer is noted in it:
// since 1.23, unless the program or GODEBUG want asynctimerchan=1.
func timer(ch <-chan time.Time) string {
	flags := ""
	if cap(ch) == 0 {
		flags = ":timer"
	}
	return fmt.Sprintf("c%x:%d/1%s", reflect.ValueOf(ch).Pointer(), len(ch), flags)
}

// ---- kinds of waiting ----

type big struct {
	name [3]string
	n    int
}

func channels() {
	plain, buffered := make(chan int), make(chan string, 4)
	park(func() { <-plain }, channel(plain, ""))
	park(func() { <-buffered }, channel(buffered, ""))
	full := make(chan big, 3)
	for i := 0; i < 3; i++ {
		full <- big{n: i}
	}
	park(func() { full <- big{} }, channel(full, ":send"))
	for i := 0; i < 3; i++ {
		to := make(chan struct{})
		park(func() { to <- struct{}{} }, channel(to, ":send"))
	}
	park(func() {
		for range plain {
		}
	}, channel(plain, ""))
	var none chan int
	park(func() { <-none })
	park(func() { none <- 1 })
	locked := make(chan bool)
	park(func() {
		runtime.LockOSThread()
		<-locked
	}, channel(locked, ""))
}

func selects() {
	a, b, c := make(chan int), make(chan string, 2), make(chan big)
	park(func() {
		select {
		case <-a:
		case <-b:
		case c <- big{}:
		}
	}, channel(a, ""), channel(b, ""), channel(c, ":send"))
	var none chan int
	park(func() {
		select {
		case <-a:
		case <-none:
		}
	}, channel(a, ""))
	park(func() {
		select {
		case a := <-a:
			fmt.Println(a)
		case none <- 1:
		}
	}, channel(a, ""))
	park(func() { select {} })
	var cases []reflect.SelectCase
	for i := 0; i < 40; i++ {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(make(chan int))})
	}
	park(func() { reflect.Select(cases) }, "many")
}

func locks() {
	m := new(sync.Mutex)
	m.Lock()
	for i := 0; i < 5; i++ {
		park(m.Lock, semaphore(unsafe.Pointer(m), 4))
	}
	for i := 0; i < 20; i++ {
		m := new(sync.Mutex)
		m.Lock()
		park(m.Lock, semaphore(unsafe.Pointer(m), 4))
	}
	read, write := new(sync.RWMutex), new(sync.RWMutex)
	read.RLock()
	write.Lock()
	park(read.Lock, semaphore(unsafe.Pointer(read), 8))
	park(write.Lock, semaphore(unsafe.Pointer(write), 4))
	park(write.RLock, semaphore(unsafe.Pointer(write), 12))
	park(write.RLock, semaphore(unsafe.Pointer(write), 12))
}

func groups() {
	group := new(sync.WaitGroup)
	group.Add(1)
	for i := 0; i < 2; i++ {
		park(group.Wait, semaphore(unsafe.Pointer(group), 8))
	}
	m := new(sync.Mutex)
	cond := sync.NewCond(m)
	for i := 0; i < 4; i++ {
		park(func() {
			m.Lock()
			for { // who is signalled waits again
				cond.Wait()
			}
		}, semaphore(unsafe.Pointer(cond), 16))
	}
	other := sync.NewCond(new(sync.Mutex))
	park(func() {
		other.L.Lock()
		for {
			other.Wait()
		}
	}, semaphore(unsafe.Pointer(other), 16))
	cond.Signal()
}

func clocks() {
	park(func() { time.Sleep(time.Hour) })
	after, ticker := time.After(time.Hour), time.NewTicker(time.Hour)
	park(func() { <-after }, timer(after))
	park(func() { <-ticker.C }, timer(ticker.C))
}

func files() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	park(func() {
		var b [1]byte
		r.Read(b[:])
		runtime.KeepAlive(w)
	})
	var fd [2]int
	if err := syscall.Pipe(fd[:]); err != nil {
		panic(err)
	}
	park(func() {
		var b [1]byte
		syscall.Read(fd[0], b[:])
	})
}

// finalizers block the goroutine that runs them: then it is no longer the runtime's own.
func finalizers() {
	stop := make(chan int)
	parks++
	runtime.SetFinalizer(new(big), func(*big) {
		note([]string{channel(stop, "")})
		<-stop
	})
	runtime.GC()
}

// ---- what Go says ----

func stacks() []string {
	text := make([]byte, 1<<20)
	return strings.Split(string(text[:runtime.Stack(text, true)]), "\n\n")
}

// settled waits until all that were parked are seen to wait, twice, in the same way.
func settled() {
	before := ""
	for {
		time.Sleep(50 * time.Millisecond)
		now, waiting := "", 0
		for _, part := range stacks() {
			head := strings.SplitN(part, "\n", 2)[0]
			now += head
			if !strings.Contains(head, "[run") {
				waiting++
			}
		}
		lock.Lock()
		done := len(noted) == parks && waiting >= parks && now == before
		lock.Unlock()
		if done {
			return
		}
		before = now
	}
}

// heading is "goroutine 7 [chan receive, 2 minutes, locked to thread]:".
func heading(line string) (id, state string, locked bool) {
	open := strings.Index(line, "[")
	parts := strings.Split(strings.TrimSuffix(line[open+1:], "]:"), ", ")
	for _, p := range parts[1:] {
		locked = locked || p == "locked to thread"
	}
	return strings.Fields(line)[1], parts[0], locked
}

func report(reporter uint64) {
	for _, part := range stacks() {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		number, state, locked := heading(lines[0])
		if number == fmt.Sprint(reporter) {
			continue
		}
		parent := "?"
		for _, l := range lines[1:] {
			by := strings.Index(l, " in goroutine ")
			if strings.HasPrefix(l, "created by ") {
				if by >= 0 {
					parent = l[by+len(" in goroutine "):]
				}
			} else if !strings.HasPrefix(l, "\t") && strings.Contains(l, "(") {
				fmt.Printf("F\t%s\t%s\n", number, l[:strings.LastIndex(l, "(")])
			}
		}
		fmt.Printf("G\t%s\t%s\t%s\t%v\n", number, parent, state, locked)
	}
	for number, objects := range noted {
		if objects != "" {
			fmt.Printf("O\t%d\t%s\n", number, objects)
		}
	}
}

func monotonic() int64 {
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

func many(n int) {
	for i := 0; i < n; i++ {
		ch := make(chan int)
		go func() { <-ch }()
	}
	for runtime.NumGoroutine() < n {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "many" {
		n, _ := strconv.Atoi(os.Args[2])
		many(n)
	}
	from := monotonic()
	var ended sync.WaitGroup
	for i := 0; i < 50; i++ {
		ended.Add(1)
		go ended.Done()
	}
	ended.Wait()
	channels()
	selects()
	locks()
	groups()
	clocks()
	files()
	finalizers()
	more()
	go func() {
		settled()
		runtime.GC()
		to := monotonic()
		settled()
		report(id())
		fmt.Printf("T\t%d\t%d\nready\n", from, to)
	}()
	select {}
}
