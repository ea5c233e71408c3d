package sqlite

import (
	"runtime"
	"time"
)

// Option changes a setting of Open.
type Option func(*settings)

type settings struct {
	busyTimeout time.Duration
	synchronous string
	mmap        int64
	cacheKiB    int
	readers     int
}

func defaults() settings {
	return settings{
		busyTimeout: 5 * time.Second,
		synchronous: "NORMAL",
		mmap:        1 << 30,
		cacheKiB:    64_000,
		readers:     max(2, runtime.GOMAXPROCS(0)),
	}
}

// WithSynchronousFull makes each commit wait until the disk has it, so that a
// power cut loses nothing. A commit then costs about 1.7 times as much.
func WithSynchronousFull() Option { return func(s *settings) { s.synchronous = "FULL" } }

// WithoutMmap reads pages through the page cache alone. Memory-mapped reads are
// faster and scale to several readers, but a failing disk then ends the program
// with SIGBUS instead of an error.
func WithoutMmap() Option { return func(s *settings) { s.mmap = 0 } }

// WithReaders sets the number of connections that read; the default is
// GOMAXPROCS, at least 2.
func WithReaders(n int) Option { return func(s *settings) { s.readers = max(1, n) } }

// WithCacheSize sets the page cache of each connection in KiB.
func WithCacheSize(kib int) Option { return func(s *settings) { s.cacheKiB = max(0, kib) } }

// WithBusyTimeout sets how long a write waits for another process that writes
// to the same file, before its transaction is repeated or fails with Retry.
func WithBusyTimeout(d time.Duration) Option { return func(s *settings) { s.busyTimeout = max(0, d) } }
