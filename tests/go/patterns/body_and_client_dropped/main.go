// SPDX-License-Identifier: GPL-2.0-only

// body_and_client_dropped - each request makes a client of its own, and leaves its answer open
//
// expect: unreachable net/http.(*persistConn).readLoop select 3
// expect: unreachable net/http.(*persistConn).writeLoop select 3
package main

import (
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
)

func get(url string) func() {
	transport := &http.Transport{}
	client := &http.Client{Transport: transport}
	answer, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	return func() {
		_ = answer.Body.Close()
		transport.CloseIdleConnections()
	}
}

func leak() any {
	url := web.Serve()
	for i := 0; i < 3; i++ {
		get(url)
	}
	return nil
}

func correct() any {
	url := web.Serve()
	for i := 0; i < 3; i++ {
		get(url)()
	}
	return nil
}

func main() { plant.Main(leak, correct) }
