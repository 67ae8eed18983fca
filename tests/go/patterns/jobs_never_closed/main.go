// SPDX-License-Identifier: GPL-2.0-only

// jobs_never_closed - workers range over a channel of jobs that nobody closes
//
// expect: unreachable main.worker chan-receive 3
package main

import (
	"context"
	"patterns/plant"
	"sync"
)

func worker(jobs chan int, done *sync.WaitGroup) {
	for range jobs {
		done.Done()
	}
}

func leak() any {
	jobs, done := make(chan int), new(sync.WaitGroup)
	for i := 0; i < 3; i++ {
		go worker(jobs, done)
	}
	done.Add(6)
	for i := 0; i < 6; i++ {
		jobs <- i
	}
	done.Wait()
	return nil
}

func careful(ctx context.Context, jobs chan int, done *sync.WaitGroup) {
	for {
		select {
		case <-jobs:
			done.Done()
		case <-ctx.Done():
			return
		}
	}
}

func correct() any {
	jobs, done := make(chan int), new(sync.WaitGroup)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < 3; i++ {
		go careful(ctx, jobs, done)
	}
	done.Add(6)
	for i := 0; i < 6; i++ {
		jobs <- i
	}
	done.Wait()
	return nil
}

func main() { plant.Main(leak, correct) }
