package picture

import "sync"

// Bounds of the caches of one Fonts, in the cost units given to put.
const (
	maxShaped = 200_000  // glyphs: some 20 MB
	maxMasks  = 48 << 20 // bytes
)

// cache keeps what was used of late within a bound. It has two generations: when the young one is full it becomes the
// old one, and what was in the old one and not used since is forgotten. That is as good as a list of last use here, and
// a read takes one shared lock.
type cache[K comparable, V any] struct {
	mu         sync.RWMutex
	bound      int // of both generations together
	cost       int // of the young one
	young, old map[K]V
}

func newCache[K comparable, V any](bound int) *cache[K, V] {
	return &cache[K, V]{bound: bound, young: map[K]V{}}
}

// get finds a value; one that lies in the old generation is told apart, so that the caller can put it anew.
func (c *cache[K, V]) get(k K) (v V, found, aging bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if v, ok := c.young[k]; ok {
		return v, true, false
	}
	v, ok := c.old[k]
	return v, ok, ok
}

// of gives the value of a key, made where it is not kept. cost is what keeping it costs, in the units of the bound.
func (c *cache[K, V]) of(k K, make func() V, cost func(V) int) V {
	v, found, aging := c.get(k)
	if !found {
		v = make()
	}
	if !found || aging {
		c.put(k, v, cost(v))
	}
	return v
}

func (c *cache[K, V]) put(k K, v V, cost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.young[k]; ok {
		return
	}
	if c.cost+cost > c.bound/2 {
		c.old, c.young, c.cost = c.young, make(map[K]V, len(c.young)/2), 0
	}
	c.young[k] = v
	c.cost += cost
}
