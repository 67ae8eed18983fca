// SPDX-License-Identifier: GPL-2.0-only

// cancel_parent_alive - who waits for the end of a context whose parent lives, or that has a deadline
//
// The children's own cancel is forgotten, but the parent's would do. Of the requests each leaves one
// behind, until the server ends.
//
// expect: accumulating main.watch chan-receive 3
package main

import (
	"context"
	"patterns/plant"
	"time"
)

func watch(ctx context.Context)    { <-ctx.Done() }
func deadline(ctx context.Context) { <-ctx.Done() }

func leak() any {
	ctx, _ := context.WithTimeout(context.Background(), time.Hour)
	go deadline(ctx)
	parent, cancel := context.WithCancel(context.Background())
	plant.Traffic(func() {
		child, _ := context.WithCancel(parent)
		go watch(child)
	})
	return cancel
}

func correct() any {
	ctx, stop := context.WithTimeout(context.Background(), time.Hour)
	go deadline(ctx)
	parent, cancel := context.WithCancel(context.Background())
	plant.Traffic(func() {
		child, end := context.WithCancel(parent)
		defer end()
		go watch(child)
	})
	return []func(){stop, cancel}
}

func main() { plant.Main(leak, correct) }
