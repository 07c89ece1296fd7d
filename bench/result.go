package main

import (
	"fmt"
	"slices"
	"time"
)

// result is one run: what the load saw, what was recorded but not yet published when it ended, and the
// disk's own rate just before.
type result struct {
	sample
	unpublished int
	syncs       float64
}

func (r result) rate() float64 { return float64(r.issued) / r.elapsed.Seconds() }

// median is the run whose rate and 99th percentile stand in the middle: by p99 where rates are set by the
// offer and so nearly equal, else by rate.
func median(results []result) result {
	rates := slices.Clone(results)
	slices.SortFunc(rates, func(a, b result) int { return int(a.rate() - b.rate()) })
	if lowest, highest := rates[0].rate(), rates[len(rates)-1].rate(); highest < 1.02*lowest {
		slices.SortFunc(rates, func(a, b result) int { return int(quantile(a.latencies, .99) - quantile(b.latencies, .99)) })
	}
	return rates[len(rates)/2]
}

func quantile(latencies []time.Duration, q float64) time.Duration {
	if len(latencies) == 0 {
		return 0
	}
	slices.Sort(latencies)
	return latencies[int(q*float64(len(latencies)-1))]
}

func (r result) figures() {
	fmt.Printf("BenchmarkIssue 1 %.0f issued/s %.0f syncs/s %.3f p50-ms %.3f p99-ms\n", r.rate(), r.syncs,
		quantile(r.latencies, .5).Seconds()*1000, quantile(r.latencies, .99).Seconds()*1000)
}

func (r result) print(name string) {
	round := func(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
	fmt.Printf("%-36s %10.0f %9s %9s %9s %8d %12d %11.0f\n", name, r.rate(),
		round(quantile(r.latencies, .5)), round(quantile(r.latencies, .99)), round(quantile(r.latencies, 1)),
		r.refused, r.unpublished, r.syncs)
}
