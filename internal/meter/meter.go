// Package meter counts what happens while a program runs, and writes it in the text form that Prometheus reads.
package meter

import (
	"math"
	"sort"
	"sync"
	"sync/atomic"
)

// A Histogram counts observations by size. It is safe for concurrent use.
type Histogram struct {
	bounds []float64 // upper, rising; the last bucket has none
	counts []atomic.Uint64
	sum    atomic.Uint64 // bits of a float64
}

// NewHistogram makes a histogram with these upper bounds, which must rise.
func NewHistogram(bounds ...float64) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

// Seconds makes a histogram for durations from a tenth of a millisecond to a minute.
func Seconds() *Histogram {
	return NewHistogram(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
}

// Observe counts one observation.
func (h *Histogram) Observe(v float64) {
	h.counts[sort.SearchFloat64s(h.bounds, v)].Add(1)
	for {
		old := h.sum.Load()
		if h.sum.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// A Counter only grows. It is safe for concurrent use.
type Counter = atomic.Uint64

// Vector holds one value for each set of labels. It is for labels of which there are few. It is safe for concurrent use.
type Vector[T any] struct {
	make func() *T
	mu   sync.RWMutex
	by   map[[3]string]*T
}

// NewVector makes a vector whose values make makes.
func NewVector[T any](make func() *T) *Vector[T] {
	return &Vector[T]{make: make, by: map[[3]string]*T{}}
}

// With returns the value for up to three label values.
func (v *Vector[T]) With(labels ...string) *T {
	var key [3]string
	copy(key[:], labels)
	v.mu.RLock()
	value := v.by[key]
	v.mu.RUnlock()
	if value != nil {
		return value
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if value = v.by[key]; value == nil {
		value = v.make()
		v.by[key] = value
	}
	return value
}

// Each calls do with every set of labels, in their order.
func (v *Vector[T]) Each(do func(labels [3]string, value *T)) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	keys := make([][3]string, 0, len(v.by))
	for k := range v.by {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		for n := range keys[i] {
			if keys[i][n] != keys[j][n] {
				return keys[i][n] < keys[j][n]
			}
		}
		return false
	})
	for _, k := range keys {
		do(k, v.by[k])
	}
}
