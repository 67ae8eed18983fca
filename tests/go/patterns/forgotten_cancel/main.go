// SPDX-License-Identifier: GPL-2.0-only

// forgotten_cancel - who waits for the end of a context that only a dropped function could bring
//
// expect: unreachable main.watch chan-receive 3
// expect: unreachable main.watchChild chan-receive 2
package main

import (
	"context"
	"patterns/plant"
)

func watch(ctx context.Context)      { <-ctx.Done() }
func watchChild(ctx context.Context) { <-ctx.Done() }

func leak() any {
	for i := 0; i < 3; i++ {
		ctx, _ := context.WithCancel(context.Background())
		go watch(ctx)
	}
	parent, _ := context.WithCancel(context.Background())
	for i := 0; i < 2; i++ {
		child, _ := context.WithCancel(context.WithValue(parent, "n", i))
		go watchChild(child)
	}
	return nil
}

func correct() any {
	parent, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < 3; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go watch(ctx)
		go watchChild(context.WithValue(parent, "n", i))
	}
	return nil
}

func main() { plant.Main(leak, correct) }
