// SPDX-License-Identifier: GPL-2.0-only

// poller - each request starts one more loop that sleeps and asks a server, and none of them ends
//
// expect: accumulating main.poll sleep 3
package main

import (
	"context"
	"net/http"
	"patterns/plant"
	"patterns/plant/web"
	"time"
)

func ask(ctx context.Context, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	if answer, err := http.DefaultClient.Do(request); err == nil {
		_ = answer.Body.Close()
	}
}

func poll(url string) {
	for {
		time.Sleep(2 * time.Second)
		if answer, err := http.Get(url); err == nil {
			_ = answer.Body.Close()
		}
	}
}

func leak() any {
	url := web.Serve()
	plant.Traffic(func() { go poll(url) })
	return nil
}

func pollUntil(ctx context.Context, url string) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			ask(ctx, url)
		case <-ctx.Done():
			return
		}
	}
}

func correct() any {
	url := web.Serve()
	plant.Traffic(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		go pollUntil(ctx, url)
		<-ctx.Done()
	})
	return nil
}

func main() { plant.Main(leak, correct) }
