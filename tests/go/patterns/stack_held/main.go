// SPDX-License-Identifier: GPL-2.0-only

// stack_held - channels that nothing but the stack of a goroutine knows, in all ways in which it may
//
// Each holder is parked, and would send when it is woken: by a gate that everybody can reach.
//
// form: correct
// expect: none
package main

import (
	"errors"
	"net"
	"patterns/plant"
	"reflect"
	"runtime"
	"sync"
	"time"
)

type box struct {
	number int
	c      chan int
}

type wide struct {
	numbers [20]int
	c       chan int
	more    [20]*int
}

type sender interface{ send() }

func (b *box) send()  { b.c <- 1 }
func (b box) copied() { b.c <- 1 }

var (
	gate     = make(chan int)
	boxes    = make(chan box)
	pointers = make(chan *box)
	lock     sync.Mutex
	nobody   sync.WaitGroup
	holders  = map[string]func(chan int){}
)

//go:noinline
func park() int { return <-gate }

//go:noinline
func finish(c chan int) { c <- 1 }

//go:noinline
func parkUnder(c chan int, a, b, d, e, f, g, h, i, j, k int) {
	park()
	finish(c)
}

//go:noinline
func parkWide(w wide) {
	park()
	finish(w.c)
}

//go:noinline
func parkAny(what ...any) {
	park()
	finish(what[1].(chan int))
}

//go:noinline
func returned(c chan int) (ret box, err error) {
	ret.c = c
	park()
	return ret, nil
}

//go:noinline
func generic[T any](c chan T, zero T) {
	park()
	c <- zero
}

//go:noinline
func call(f func()) { f() }

//go:noinline
func finisher(c chan int) func() { return func() { finish(c) } }

func deep(c chan int, n int) int {
	var room [64]int
	if n == 0 {
		return park()
	}
	room[n%64] = deep(c, n-1)
	if n == 200 {
		finish(c)
	}
	return room[n%64]
}

func variables() {
	holders["variable"] = func(c chan int) {
		park()
		finish(c)
	}
	holders["argument"] = func(c chan int) { parkUnder(c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }
	holders["argument on the stack"] = func(c chan int) { parkWide(wide{c: c}) }
	holders["variadic"] = func(c chan int) { parkAny(1, c) }
	holders["result"] = func(c chan int) {
		b, _ := returned(c)
		finish(b.c)
	}
	holders["object"] = func(c chan int) {
		b := box{c: c}
		p := &b
		call(func() { p.number = park() })
		finish(p.c)
	}
	holders["object of an object"] = func(c chan int) {
		b := box{c: c}
		outer := struct{ p **box }{}
		p := &b
		outer.p = &p
		call(func() { (*outer.p).number = park() })
		finish((*outer.p).c)
	}
	holders["array"] = func(c chan int) {
		var all [9]chan int
		all[len(c)+3] = c
		finish(all[park()+3])
	}
	holders["slice"] = func(c chan int) {
		all := make([]chan int, 5)
		all[3] = c
		finish(all[park()+3])
	}
	holders["map"] = func(c chan int) {
		m := map[int]chan int{3: c}
		finish(m[park()+3])
	}
	holders["inside"] = func(c chan int) {
		b := &[7]box{}
		b[5].c = c
		inside := &b[5].c
		b = nil
		park()
		finish(*inside)
	}
	holders["deep"] = func(c chan int) { deep(c, 200) }
	holders["generic"] = func(c chan int) { generic(c, 0) }
}

func functions() {
	holders["closure"] = func(c chan int) {
		f := func() { finish(c) }
		park()
		f()
	}
	holders["reference"] = func(c chan int) {
		var d chan int
		call(func() { d = c })
		park()
		call(func() { finish(d) })
	}
	holders["interface"] = func(c chan int) {
		var s sender = &box{c: c}
		park()
		s.send()
	}
	holders["method"] = func(c chan int) {
		f := (&box{c: c}).send
		park()
		f()
	}
	holders["method of a copy"] = func(c chan int) {
		f := box{c: c}.copied
		park()
		f()
	}
	holders["reflect"] = func(c chan int) {
		reflect.ValueOf(parkUnder).Call([]reflect.Value{reflect.ValueOf(c), reflect.ValueOf(1),
			reflect.ValueOf(2), reflect.ValueOf(3), reflect.ValueOf(4), reflect.ValueOf(5),
			reflect.ValueOf(6), reflect.ValueOf(7), reflect.ValueOf(8), reflect.ValueOf(9),
			reflect.ValueOf(10)})
	}
	holders["reflect, wide"] = func(c chan int) {
		reflect.ValueOf(parkWide).Call([]reflect.Value{reflect.ValueOf(wide{c: c})})
	}
	holders["made by reflect"] = func(c chan int) {
		var f func(chan int, wide)
		made := reflect.MakeFunc(reflect.TypeOf(f), func(in []reflect.Value) []reflect.Value {
			park()
			finish(in[0].Interface().(chan int))
			return nil
		})
		made.Interface().(func(chan int, wide))(c, wide{})
	}
	holders["method by reflect"] = func(c chan int) {
		f := reflect.ValueOf(&keeper{}).Method(0).Interface().(func(chan int, wide))
		f(c, wide{})
	}
}

type keeper struct{ number int }

func (k *keeper) Keep(c chan int, w wide) {
	k.number = park()
	finish(c)
}

func defers() {
	holders["defer"] = func(c chan int) {
		defer finish(c)
		park()
	}
	holders["defer of a closure"] = func(c chan int) {
		b := box{c: c}
		defer func() { finish(b.c) }()
		park()
	}
	holders["defers of a loop"] = func(c chan int) {
		for i := 0; i < 3; i++ {
			defer func(i int) {
				if i == 1 {
					finish(c)
				}
			}(i)
		}
		park()
	}
	holders["defer on the stack"] = func(c chan int) {
		defer finish(c)
		for i := 0; i < 10; i++ {
			if i == 20 {
				defer finish(nil)
			}
		}
		park()
	}
	holders["defers in the heap and on the stack"] = func(c chan int) {
		for i := 0; i < 2; i++ {
			defer call(func() {})
		}
		func() {
			if len(c) == 0 {
				defer finish(c)
			}
			for i := 0; i < 2; i++ {
				defer call(func() {})
			}
			park()
		}()
	}
	holders["defer of what is in the heap, before those of a loop"] = func(c chan int) {
		f := finisher(c)
		defer f()
		for i := 0; i < 2; i++ {
			defer call(func() {})
		}
		park()
	}
	holders["panic"] = func(c chan int) {
		defer func() { _ = recover() }()
		defer finish(c)
		defer park()
		panic("on purpose")
	}
	holders["panic of the runtime"] = func(c chan int) {
		defer func() {
			_ = recover()
			finish(c)
		}()
		defer park()
		var p *box
		p.number++
	}
	holders["recovered"] = func(c chan int) {
		func() {
			defer func() { _ = recover() }()
			panic(errors.New("on purpose"))
		}()
		park()
		finish(c)
	}
}

// Their places differ: in a sudog, in a system call, on a timer.
func places() {
	holders["sent"] = func(c chan int) { boxes <- box{c: c} }
	holders["sent by its address"] = func(c chan int) { pointers <- &box{c: c} }
	holders["selected"] = func(c chan int) {
		select {
		case boxes <- box{c: c}:
		case n := <-gate:
			c <- n
		}
	}
	holders["asleep"] = func(c chan int) {
		time.Sleep(time.Hour)
		finish(c)
	}
	holders["in a pipe"] = func(c chan int) {
		a, b := net.Pipe()
		defer b.Close()
		go func() { park(); a.Close() }()
		_, _ = b.Read(make([]byte, 1))
		finish(c)
	}
	holders["in a socket"] = func(c chan int) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		_, _ = listener.Accept()
		finish(c)
	}
	holders["at a lock"] = func(c chan int) {
		lock.Lock()
		defer lock.Unlock()
		finish(c)
	}
	holders["at a group"] = func(c chan int) {
		nobody.Wait()
		finish(c)
	}
	holders["at an end"] = func(c chan int) {
		defer finish(c)
		defer park()
		runtime.Goexit()
	}
}

func hold(holder func(chan int)) {
	c := make(chan int)
	go func() { <-c }()
	go holder(c)
}

func correct() any {
	variables()
	functions()
	defers()
	places()
	lock.Lock()
	nobody.Add(1)
	for _, holder := range holders {
		hold(holder)
	}
	return nil
}

func main() {
	plant.Main(nil, correct)
	lock.Unlock()
	nobody.Done()
}
