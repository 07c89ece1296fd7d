package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	overloadTime = 30 * time.Second
	overloadBy   = 1024  // connections
	bystanders   = 10000 // connections that ask for nothing, or slowly
)

// crowds measures what other traffic than plain issuing does: records read, more offered than can be taken, and callers
// that hold connections. One run each; length is that of reading and issuing.
func crowds(ctx context.Context, bin, work string, callers, offered int, length time.Duration) error {
	dir := filepath.Join(work, "crowds")
	err := withDaemon(ctx, bin, dir, func(t target) error { return lookUps(ctx, t, callers, length) })
	if err == nil {
		err = withDaemon(ctx, bin, dir, func(t target) error { return overload(ctx, t, offered) })
	}
	for _, b := range []struct {
		name string
		hold bystander
	}{{"idle", idle}, {"slow", slow}} {
		if err == nil {
			err = withDaemon(ctx, bin, dir, func(t target) error { return among(ctx, t, callers, length, b.name, b.hold) })
		}
	}
	return err
}

// lookUps reads records in a closed loop.
func lookUps(ctx context.Context, t target, n int, length time.Duration) error {
	var numbers []string
	if _, err := callers(1, func(_ int, c *client, s *sample) error {
		for i := range 2000 {
			if _, err := c.post(request(i)); err != nil {
				return err
			}
			number, err := numberIn(c.body)
			if err != nil {
				return err
			}
			numbers = append(numbers, number)
		}
		return nil
	}, t); err != nil {
		return err
	}
	start := time.Now()
	s, err := callers(n, func(caller int, c *client, s *sample) error {
		for i := caller; time.Since(start) < length && ctx.Err() == nil; i += n {
			sent, number := time.Now(), numbers[i*7919%len(numbers)]
			status, err := c.get("/v1/certificates/" + number)
			if err != nil {
				return err
			}
			if status != 200 || !bytes.Contains(c.body, []byte(number)) {
				return fmt.Errorf("the record of %s: status %d, %s", number, status, c.body)
			}
			s.latencies = append(s.latencies, time.Since(sent))
			s.issued++
		}
		return ctx.Err()
	}, t)
	if err != nil {
		return err
	}
	r := result{sample: s}
	fmt.Printf("records read, %d callers: %.0f/s, p50 %.2f ms, p99 %.2f ms\n", n, r.rate(), ms(quantile(s.latencies, .5)), ms(quantile(s.latencies, .99)))
	return nil
}

// overload offers more than can be taken, and looks at every answer.
func overload(ctx context.Context, t target, rate int) error {
	start := time.Now().Add(50 * time.Millisecond)
	var wrong atomic.Int64
	peakMemory := watchMemory(t.pid)
	s, err := callers(overloadBy, func(caller int, c *client, s *sample) error {
		for i := caller; ctx.Err() == nil; i += overloadBy {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
			if due.Sub(start) > overloadTime || time.Since(start) > overloadTime {
				return nil
			}
			time.Sleep(time.Until(due))
			status, err := c.post(request(i))
			if err != nil {
				return fmt.Errorf("request %d: %w", i, err)
			}
			switch {
			case status == 201 && bytes.Contains(c.body, fmt.Appendf(nil, `"id":"bench-%d"`, i)):
				s.issued++
			case status == 503 || status == 429:
				s.refused++
			default:
				wrong.Add(1)
			}
		}
		return ctx.Err()
	}, t)
	if err != nil {
		return err
	}
	calm, err := untilCalm(t)
	if err != nil {
		return err
	}
	total, err := recorded(t)
	if err != nil {
		return err
	}
	peak := peakMemory()
	fmt.Printf("%d/s offered over %d connections for %v: %.0f/s issued, %d refused, %d wrong answers; %d records for %d receipts and one more; at most %d MB of memory; calm again after %v\n",
		rate, overloadBy, overloadTime, float64(s.issued)/s.elapsed.Seconds(), s.refused, wrong.Load(), total, s.issued, peak>>20, calm.Round(time.Millisecond))
	if wrong.Load() > 0 || total != s.issued+1 {
		return fmt.Errorf("answers under overload were wrong")
	}
	return nil
}

// untilCalm is the time until a request is answered within 25 ms.
func untilCalm(t target) (time.Duration, error) {
	start := time.Now()
	c, err := dial(t)
	if err != nil {
		return 0, err
	}
	defer c.close()
	for i := 0; ; i++ {
		asked := time.Now()
		// The same request again is answered with its first receipt: one record, however often it takes.
		if _, err := c.post(request(1 << 30)); err != nil {
			return 0, err
		}
		if time.Since(asked) < 25*time.Millisecond {
			return asked.Sub(start), nil
		}
	}
}

// recorded is how many certificates the daemon says there are.
func recorded(t target) (int, error) {
	c, err := dial(t)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if _, err := c.get("/v1/certificates?limit=1"); err != nil {
		return 0, err
	}
	var list struct{ Total int }
	return list.Total, json.Unmarshal(c.body, &list)
}

// among issues freely, and then with bystanders on the same daemon.
func among(ctx context.Context, t target, callers int, length time.Duration, name string, hold bystander) error {
	free, err := closedLoop(ctx, t, callers, length)
	if err != nil {
		return err
	}
	holding, let := context.WithCancel(ctx)
	held := make(chan error, bystanders)
	var ready sync.WaitGroup
	for range bystanders {
		ready.Add(1)
		go func() {
			standing := sync.OnceFunc(ready.Done)
			defer standing()
			held <- hold(holding, t, standing)
		}()
	}
	ready.Wait()
	s, err := closedLoopFrom(ctx, t, callers, length, 1<<24)
	let()
	failed := 0
	for range bystanders {
		if err := <-held; err != nil {
			failed++
		}
	}
	if err != nil {
		return err
	}
	a, b := result{sample: free}.rate(), result{sample: s}.rate()
	fmt.Printf("%d %s connections held (%d lost): %.0f/s issued, %.0f %% of the %.0f/s without them\n", bystanders, name, failed, b, 100*b/a, a)
	return nil
}

// bystander holds a connection until ctx ends, and tells when it stands.
type bystander func(ctx context.Context, t target, standing func()) error

// idle asks once whether the daemon lives, and then keeps the connection.
func idle(ctx context.Context, t target, standing func()) error {
	c, err := dial(t)
	if err != nil {
		return err
	}
	defer c.close()
	if _, err := c.get("/livez"); err != nil {
		return err
	}
	standing()
	<-ctx.Done()
	return nil
}

// slow sends a request a byte every two seconds, and begins anew when it is cut off.
func slow(ctx context.Context, t target, standing func()) error {
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", t.addr)
		if err != nil {
			return err
		}
		standing()
		for _, b := range []byte("POST /v1/certificates HTTP/1.1\r\nHost: certs.example.org\r\n") {
			if _, err := conn.Write([]byte{b}); err != nil {
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
			if ctx.Err() != nil {
				break
			}
		}
		conn.Close()
	}
	return nil
}

// numberIn is the number in a receipt.
func numberIn(body []byte) (string, error) {
	var receipt struct{ Number string }
	if err := json.Unmarshal(body, &receipt); err != nil || receipt.Number == "" {
		return "", fmt.Errorf("no receipt: %s", body)
	}
	return receipt.Number, nil
}

// watchMemory samples how much memory a process holds for itself, without what the system can take back at any time, such
// as the pages of its files. stop ends that and returns the most, in bytes.
func watchMemory(pid int) (stop func() int) {
	ended, most := make(chan struct{}), make(chan int)
	go func() {
		peak := 0
		for {
			peak = max(peak, ownMemory(pid))
			select {
			case <-ended:
				most <- peak
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() int { close(ended); return <-most }
}

// ownMemory is what a process holds for itself now, in bytes; 0 where that cannot be read.
func ownMemory(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	kB, _ := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "kB", 2)[0]))
	return kB << 10
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
