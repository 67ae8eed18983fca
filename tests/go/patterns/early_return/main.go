// SPDX-License-Identifier: GPL-2.0-only

// early_return - who asked two others leaves after the first one's answer
//
// expect: unreachable main.answer chan-send 3
package main

import (
	"errors"
	"patterns/plant"
)

func answer(to chan error, err error) { to <- err }

// The first of two errors; the channel has room for so many answers.
func ask(room int) error {
	answers := make(chan error, room)
	go answer(answers, errors.New("no"))
	go answer(answers, errors.New("neither"))
	for i := 0; i < 2; i++ {
		if err := <-answers; err != nil {
			return err
		}
	}
	return nil
}

func times(n, room int) any {
	for i := 0; i < n; i++ {
		_ = ask(room)
	}
	return nil
}

func leak() any    { return times(3, 0) }
func correct() any { return times(3, 2) }

func main() { plant.Main(leak, correct) }
