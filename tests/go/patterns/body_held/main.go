// SPDX-License-Identifier: GPL-2.0-only

// body_held - open bodies, of clients that are dropped, are kept by who may still read them
//
// They wait for main, and nothing says that it will never read.
//
// expect: none
// beyond: forgotten net/http.(*persistConn).readLoop select 3
// beyond: forgotten net/http.(*persistConn).writeLoop select 3
package main

import (
	"io"
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
)

func get(url string) io.ReadCloser {
	answer, err := (&http.Client{Transport: &http.Transport{}}).Get(url)
	if err != nil {
		panic(err)
	}
	return answer.Body
}

func three(url string) []io.ReadCloser {
	var bodies []io.ReadCloser
	for i := 0; i < 3; i++ {
		bodies = append(bodies, get(url))
	}
	return bodies
}

func leak() any { return three(web.Serve()) }

func correct() any {
	bodies := three(web.Serve())
	for _, body := range bodies {
		_, _ = io.Copy(io.Discard, body)
		_ = body.Close()
	}
	return bodies
}

func main() { plant.Main(leak, correct) }
