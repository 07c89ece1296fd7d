package site

import (
	"strconv"
	"strings"
	"time"
)

// CacheLife is how long caches may keep a file of the tree and hand out an older copy of it; 0 where they must ask every
// time.
func CacheLife(path string) time.Duration {
	c, _ := ClassOf(path)
	for _, word := range strings.Split(c.Cache, ",") {
		if seconds, ok := strings.CutPrefix(strings.TrimSpace(word), "max-age="); ok {
			if n, err := strconv.Atoi(seconds); err == nil {
				return time.Duration(n) * time.Second
			}
		}
	}
	return 0
}
