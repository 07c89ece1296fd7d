package webhook

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Schedule is when a delivery is tried again after it has failed, each time counted from the try before: for about
// three days, as Standard Webhooks proposes.
func Schedule() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// jitter spreads a wait by a tenth to both sides, so that what failed together does not come back together.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d))
}

// mostAsked is the longest wait that a receiver can ask for.
const mostAsked = 24 * time.Hour

// asked reads for how long a receiver does not want to be called; 0 where it does not say.
func asked(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	return min(time.Duration(min(seconds, 1<<20))*time.Second, mostAsked)
}
