// SPDX-License-Identifier: GPL-2.0-only

// select_main - main rests in select {}, as it may, and holds what another one waits for
//
// That one is lost: main will not move again. Go 1.26 says the same of main.
//
// expect: unreachable main.wait chan-receive 1
// profile: no-cases main.main no-cases 1 until=1.26
package main

import (
	"os"
	"patterns/plant"
	"runtime"
)

func wait(c chan int) { <-c }

func leak() any {
	c := make(chan int)
	go wait(c)
	return c
}

func correct() any {
	c := make(chan int)
	go wait(c)
	close(c)
	return c
}

func end() {
	plant.Ready()
	plant.Wait()
	os.Exit(0)
}

func main() {
	held := plant.Start(leak, correct)
	go end()
	defer runtime.KeepAlive(held)
	select {}
}
