package meter

import (
	"sync"
	"testing"
)

func TestAPageReadsAsPrometheusWritesIt(t *testing.T) {
	h := NewHistogram(0.5, 1)
	for _, v := range []float64{0.25, 0.5, 0.75, 4} {
		h.Observe(v)
	}
	v := NewVector(func() *Counter { return new(Counter) })
	v.With("GET", "200").Add(3)
	v.With("GET", "\"404\"\n\\").Add(1)
	var p Page
	v.Each(func(l [3]string, c *Counter) {
		p.Counter("requests_total", "Requests.", float64(c.Load()), "method", l[0], "status", l[1])
	})
	p.Gauge("pending", "What is left,\nto do.", 7)
	p.Histogram("seconds", "How long.", h, "op", "x")
	const want = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{method="GET",status="\"404\"\n\\"} 1
requests_total{method="GET",status="200"} 3
# HELP pending What is left,\nto do.
# TYPE pending gauge
pending 7
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{op="x",le="0.5"} 2
seconds_bucket{op="x",le="1"} 3
seconds_bucket{op="x",le="+Inf"} 4
seconds_sum{op="x"} 5.5
seconds_count{op="x"} 4
`
	if got := string(p.Bytes()); got != want {
		t.Errorf("%s", got)
	}
}

func TestNothingIsLostWhereManyCount(t *testing.T) {
	h, v := Seconds(), NewVector(func() *Counter { return new(Counter) })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				h.Observe(1)
				v.With("a", "b", "c").Add(1)
			}
		})
	}
	wg.Wait()
	var p Page
	p.Histogram("x", "", h)
	if n := v.With("a", "b", "c").Load(); n != 8000 || h.sum.Load() == 0 {
		t.Errorf("%d", n)
	}
	if total := h.counts; total[12].Load() != 8000 {
		t.Errorf("%s", p.Bytes())
	}
}
