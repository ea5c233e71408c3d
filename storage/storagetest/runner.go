package storagetest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
)

// runner is a test that has parts. The groups are written against it, and not
// against *testing.T, so that the suite can be run on an adapter that is wrong
// and the failures counted: a suite that can't fail proves nothing.
type runner interface {
	testing.TB
	run(name string, f func(t runner))
}

// onTesting runs parts as subtests.
type onTesting struct{ *testing.T }

func (t onTesting) run(name string, f func(runner)) {
	t.T.Helper()
	t.T.Run(name, func(inner *testing.T) { f(onTesting{inner}) })
}

// failure is one complaint of the suite.
type failure struct{ test, text string }

// recorder notes what fails instead of failing. The TB inside is the real test;
// it answers what is not overridden and lets recorder be a testing.TB at all.
type recorder struct {
	testing.TB
	name string
	ctx  context.Context
	log  *failures

	mu       sync.Mutex
	failed   bool
	skipped  bool
	cleanups []func()
}

type failures struct {
	mu   sync.Mutex
	list []failure
}

// check runs the suite, or the groups named, and returns what fails.
func check(t testing.TB, h Harness, names ...string) []failure {
	log := &failures{}
	root := &recorder{TB: t, log: log}
	root.do(func(r runner) { runAll(r, h, names...) })
	return log.list
}

// do runs f to its end, or to the FailNow within it, in a goroutine of its own,
// as package testing does.
func (r *recorder) do(f func(runner)) {
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx = ctx
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanUp()
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		f(r)
	}()
	<-done
}

func (r *recorder) cleanUp() {
	for {
		r.mu.Lock()
		n := len(r.cleanups)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.mu.Unlock()
		f()
	}
}

func (r *recorder) run(name string, f func(runner)) {
	inner := &recorder{TB: r.TB, name: strings.TrimPrefix(r.name+"/"+name, "/"), log: r.log}
	inner.do(f)
	if inner.Failed() {
		r.fail()
	}
}

func (r *recorder) fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) note(text string) {
	r.fail()
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.log.list = append(r.log.list, failure{r.name, text})
}

// What follows is testing.TB.

func (r *recorder) Name() string             { return r.name }
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Helper()                  {}
func (r *recorder) Log(...any)               {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Fail()                    { r.note("failed") }
func (r *recorder) Error(args ...any)        { r.note(fmt.Sprintln(args...)) }
func (r *recorder) Errorf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...))
}

func (r *recorder) FailNow() {
	r.fail()
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *recorder) Skip(...any)          { r.SkipNow() }
func (r *recorder) Skipf(string, ...any) { r.SkipNow() }

func (r *recorder) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}
