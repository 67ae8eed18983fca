// SPDX-License-Identifier: GPL-2.0-only

// context_values - channels in the values of a context: who has the context can reach them
//
// Nobody will send on those that main's context holds, but nothing says so.
//
// expect: unreachable main.dropped chan-receive 2
// beyond: forgotten main.held chan-receive 2
package main

import (
	"context"
	"patterns/plant"
	"time"
)

type key struct{ n int }

func held(c chan int)    { <-c }
func dropped(c chan int) { <-c }

func with(ctx context.Context, n int, wait func(chan int)) context.Context {
	c := make(chan int)
	go wait(c)
	return context.WithValue(ctx, key{n}, c)
}

func wake(ctx context.Context) {
	for i := 0; i < 2; i++ {
		close(ctx.Value(key{i}).(chan int))
	}
}

func contexts() (context.Context, context.Context) {
	kept, lost := context.Background(), context.Background()
	for i := 0; i < 2; i++ {
		kept, lost = with(kept, i, held), with(lost, i, dropped)
	}
	return kept, lost
}

func leak() any {
	kept, _ := contexts()
	ctx, cancel := context.WithTimeout(kept, time.Hour)
	return []any{ctx, cancel}
}

func correct() any {
	kept, lost := contexts()
	wake(kept)
	wake(lost)
	return kept
}

func main() { plant.Main(leak, correct) }
