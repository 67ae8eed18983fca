// SPDX-License-Identifier: GPL-2.0-only

// c_memory - channels that only C's memory knows: by address, and by a handle of Go's
//
// Go's own detection does not look into C's memory. When the program ends it wakes both.
//
// form: correct
// expect: none
// profile: unreachable main.byAddress chan-receive 1
package main

/*
#include <stdint.h>
#include <stdlib.h>

struct held {
	uintptr_t address, handle;
};

static struct held *hold(uintptr_t address, uintptr_t handle)
{
	struct held *held = malloc(sizeof(*held));

	held->address = address;
	held->handle = handle;
	return held;
}
*/
import "C"

import (
	"fmt"
	"os"
	"patterns/plant"
	"runtime/cgo"
	"unsafe"
)

var woken = make(chan string, 2)

func byAddress(c chan int) {
	<-c
	woken <- "by address"
}

func byHandle(c chan int) {
	<-c
	woken <- "by handle"
}

func correct() any {
	a, b := make(chan int), make(chan int)
	go byAddress(a)
	go byHandle(b)
	address := *(*uintptr)(unsafe.Pointer(&a))
	return C.hold(C.uintptr_t(address), C.uintptr_t(cgo.NewHandle(b)))
}

func main() {
	held := plant.Start(nil, correct).(*C.struct_held)
	plant.Ready()
	plant.Wait()
	if os.Getenv("LEAKS") != "" {
		return // Go crashes when one is woken that it says to have leaked
	}
	address := uintptr(held.address)
	close(*(*chan int)(unsafe.Pointer(&address)))
	close(cgo.Handle(held.handle).Value().(chan int))
	fmt.Println("woken", <-woken, "and", <-woken)
	C.free(unsafe.Pointer(held))
}
