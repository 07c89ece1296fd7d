package issuer

import (
	"context"
	"errors"
	"fmt"
)

// ErrBusy says that as many requests are being granted as may wait at a time. Nothing was recorded.
var ErrBusy = errors.New("too many requests are waiting to be granted")

// mostWaiting is how many requests are granted at a time, where Config says nothing: about as many as a second takes, so
// that whoever is let in is answered soon, and memory stays what it is whatever is offered.
const mostWaiting = 4096

// crowd are the places for requests that are being granted.
type crowd chan struct{}

// enter takes a place and returns how to leave it. Where there is none, a patient caller waits for one, and another
// gets ErrBusy.
func (c crowd) enter(ctx context.Context, patient bool) (leave func(), err error) {
	leave = func() { <-c }
	select {
	case c <- struct{}{}:
		return leave, nil
	default:
	}
	if !patient {
		return nil, fmt.Errorf("%w: %d", ErrBusy, cap(c))
	}
	select {
	case c <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
