// SPDX-License-Identifier: GPL-2.0-only

// lost_unlock - a function returns early and leaves its mutex locked; the next one waits for it
//
// expect: unreachable main.(*cache).put mutex 2
package main

import (
	"patterns/plant"
	"sync"
)

type cache struct {
	lock   sync.Mutex
	values map[string]int
}

func (c *cache) get(key string) int {
	c.lock.Lock()
	v, ok := c.values[key]
	if !ok {
		return 0
	}
	c.lock.Unlock()
	return v
}

func (c *cache) put(key string, v int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.values[key] = v
}

func use(key string) {
	c := &cache{values: map[string]int{"there": 1}}
	c.get(key)
	go c.put(key, 1)
	go c.put(key, 2)
}

func leak() any {
	use("missing")
	return nil
}

func correct() any {
	use("there")
	return nil
}

func main() { plant.Main(leak, correct) }
