// SPDX-License-Identifier: GPL-2.0-only

// server_no_shutdown - each new configuration starts a server, and never shuts the old one down
//
// They wait for the network, which may always come: only their number tells.
//
// expect: accumulating main.serve io 3
package main

import (
	"context"
	"net"
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
)

func serve(server *http.Server, listener net.Listener) { _ = server.Serve(listener) }

func start() *http.Server {
	server := &http.Server{Handler: http.HandlerFunc(web.Hello)}
	go serve(server, web.Listen())
	return server
}

func leak() any {
	plant.Traffic(func() { start() })
	return nil
}

func correct() any {
	last := start()
	plant.Traffic(func() {
		next := start()
		_ = last.Shutdown(context.Background())
		last = next
	})
	return nil
}

func main() { plant.Main(leak, correct) }
