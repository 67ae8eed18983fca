// SPDX-License-Identifier: GPL-2.0-only

// Package web - a server on the loopback, for programs that need one to talk to.
package web

import (
	"io"
	"net"
	"net/http"
)

// Listen opens a port of the kernel's choice.
func Listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}

// Hello answers each request with a few bytes.
func Hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// Serve runs such a server for as long as the program runs, and returns its address.
func Serve() string {
	listener := Listen()
	go serve(listener)
	return "http://" + listener.Addr().String()
}

func serve(listener net.Listener) { _ = http.Serve(listener, http.HandlerFunc(Hello)) }
