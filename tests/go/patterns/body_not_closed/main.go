// SPDX-License-Identifier: GPL-2.0-only

// body_not_closed - requests drop their answers with the bodies open; the client, a global one, stays
//
// Each keeps its connection with two goroutines of the transport. The transport has a list of requests
// that can be cancelled: through it they can be reached.
//
// expect: accumulating net/http.(*persistConn).readLoop select 3
// expect: accumulating net/http.(*persistConn).writeLoop select 3
package main

import (
	"io"
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
)

var client = &http.Client{Transport: http.DefaultTransport}

func get(url string) io.ReadCloser {
	answer, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	return answer.Body
}

func leak() any {
	url := web.Serve()
	plant.Traffic(func() { get(url) })
	return nil
}

// The connection stays, idle, for the next request.
func correct() any {
	url := web.Serve()
	plant.Traffic(func() {
		body := get(url)
		_, _ = io.Copy(io.Discard, body)
		_ = body.Close()
	})
	return nil
}

func main() { plant.Main(leak, correct) }
