//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package statefile

import (
	"os"
	"syscall"
)

// unlock gives the database's lock back. Closing the file does not while the file is mapped to memory,
// which a database that panicked leaves it.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
