// SPDX-License-Identifier: GPL-2.0-only

// c_memory - channels that only C's memory knows: by address, in its heap and in its variables, with
// and without an initial value; and by a handle of Go's
//
// Go's own detection does not look into C's memory. When the program ends it wakes all.
//
// form: correct
// expect: none
// profile: unreachable main.byAddress chan-receive 3
package main

/*
#include <stdint.h>
#include <stdlib.h>

struct held {
	uintptr_t address, handle;
};

static uintptr_t first = 1, second;

static struct held *hold(uintptr_t address, uintptr_t handle, uintptr_t one, uintptr_t other)
{
	struct held *held = malloc(sizeof(*held));

	first = one;
	second = other;
	held->address = address;
	held->handle = handle;
	return held;
}

// What a call leaves on the stack of C is no memory that keeps.
static void forget(void)
{
	volatile char stack[65536];

	for (unsigned i = 0; i < sizeof(stack); i++)
		stack[i] = 0;
}

static uintptr_t variable(int which)
{
	return which ? second : first;
}
*/
import "C"

import (
	"fmt"
	"os"
	"patterns/plant"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

var woken = make(chan string, 4)

func byAddress(c chan int) {
	<-c
	woken <- "by address"
}

func byHandle(c chan int) {
	<-c
	woken <- "by handle"
}

func correct() any {
	b := make(chan int)
	var address [3]C.uintptr_t
	for i := range address {
		a := make(chan int)
		go byAddress(a)
		address[i] = C.uintptr_t(*(*uintptr)(unsafe.Pointer(&a)))
	}
	go byHandle(b)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer C.forget()
	return C.hold(address[0], C.uintptr_t(cgo.NewHandle(b)), address[1], address[2])
}

func main() {
	held := plant.Start(nil, correct).(*C.struct_held)
	plant.Ready()
	plant.Wait()
	if os.Getenv("LEAKS") != "" {
		return // Go crashes when one is woken that it says to have leaked
	}
	for _, a := range []C.uintptr_t{held.address, C.variable(0), C.variable(1)} {
		address := uintptr(a)
		close(*(*chan int)(unsafe.Pointer(&address)))
	}
	close(cgo.Handle(held.handle).Value().(chan int))
	fmt.Println("woken", <-woken, "and", <-woken, "and", <-woken, "and", <-woken)
	C.free(unsafe.Pointer(held))
}
