// SPDX-License-Identifier: GPL-2.0-only

// http_accept - a server that waits for connections, and clients with idle ones
//
// form: correct
// expect: none
package main

import (
	"io"
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
	"time"
)

func get(client *http.Client, url string) {
	answer, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}

func correct() any {
	url := web.Serve()
	get(http.DefaultClient, url)
	get(&http.Client{Transport: &http.Transport{}}, url)
	get(&http.Client{Timeout: time.Hour, Transport: &http.Transport{MaxConnsPerHost: 1}}, url)
	return nil
}

func main() { plant.Main(nil, correct) }
