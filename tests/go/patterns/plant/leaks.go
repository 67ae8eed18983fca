// SPDX-License-Identifier: GPL-2.0-only

//go:build leaks

package plant

import (
	"os"
	"runtime/pprof"
)

// Go's own detection is in 1.27, and in 1.26 with GOEXPERIMENT=goroutineleakprofile. Without it all
// goroutines are printed just the same, and none is said to have leaked.
func init() {
	leaks = func() {
		profile := pprof.Lookup("goroutineleak")
		if profile == nil {
			profile = pprof.Lookup("goroutine")
		}
		if err := profile.WriteTo(os.Stdout, 2); err != nil {
			panic(err)
		}
	}
}
