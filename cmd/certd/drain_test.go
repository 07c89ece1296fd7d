package main

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
)

// A daemon that is told to end under load answers what it has begun, ends with success, and leaves nothing
// that the next one has to find out.
func TestTerminatingUnderLoadDrainsAndExitsZero(t *testing.T) {
	s := newSiege(t, 1)
	p := s.ready()
	first := make(chan struct{})
	var once sync.Once
	var callers sync.WaitGroup
	for c := range killCallers {
		callers.Go(func() {
			for i := 0; s.post(p.addr, fmt.Sprintf("caller %d request %d", c, i)); i++ {
				once.Do(func() { close(first) })
			}
		})
	}
	<-first
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Errorf("certd ended with %v", err)
	}
	callers.Wait()
	s.finish()
}
