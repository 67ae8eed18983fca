// SPDX-License-Identifier: GPL-2.0-only

// group_member - one member of a group fails, another one never hears of it, and who joins them waits
//
// expect: unreachable main.member chan-receive 1
// expect: unreachable main.(*group).wait wait-group 1
package main

import (
	"context"
	"errors"
	"patterns/plant"
	"sync"
)

// A group of the kind of errgroup's: the first error ends the context of all.
type group struct {
	members sync.WaitGroup
	once    sync.Once
	cancel  func()
	err     error
}

func newGroup() (*group, context.Context) {
	ctx, cancel := context.WithCancel(context.Background())
	return &group{cancel: cancel}, ctx
}

func (g *group) add(member func() error) {
	g.members.Add(1)
	go g.run(member)
}

func (g *group) run(member func() error) {
	defer g.members.Done()
	if err := member(); err != nil {
		g.once.Do(func() {
			g.err = err
			g.cancel()
		})
	}
}

func (g *group) wait() error {
	g.members.Wait()
	g.cancel()
	return g.err
}

func member(in chan int) error {
	<-in
	return nil
}

func attentive(ctx context.Context, in chan int) error {
	select {
	case <-in:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func fails(chan int) error { return errors.New("the sender fails") }

func leak() any {
	g, _ := newGroup()
	in := make(chan int)
	g.add(func() error { return fails(in) })
	g.add(func() error { return member(in) })
	go g.wait()
	return nil
}

func correct() any {
	g, ctx := newGroup()
	in := make(chan int)
	g.add(func() error { return fails(in) })
	g.add(func() error { return attentive(ctx, in) })
	go g.wait()
	return nil
}

func main() { plant.Main(leak, correct) }
