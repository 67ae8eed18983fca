// SPDX-License-Identifier: GPL-2.0-only

// once_recursive - what a sync.Once is to do needs that it has been done; others wait for it, too
//
// expect: deadlock main.settings mutex 3
package main

import (
	"patterns/plant"
	"sync"
)

var (
	once   sync.Once
	values map[string]string
)

func settings(load func()) map[string]string {
	once.Do(load)
	return values
}

func loadAgain() {
	values = settings(loadAgain)
}

func load() {
	values = map[string]string{"a": "b"}
}

func use(load func()) any {
	go settings(load)
	plant.Settle()
	go settings(load)
	go settings(load)
	return nil
}

func leak() any { return use(loadAgain) }

func correct() any { return use(load) }

func main() { plant.Main(leak, correct) }
