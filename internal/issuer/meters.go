package issuer

import (
	"sync/atomic"
	"time"

	"laurel/internal/meter"
)

// Meters count what the issuer does, since the program began.
type Meters struct {
	RoundSize     *meter.Histogram // entrants of one commit
	CommitSeconds *meter.Histogram
	PublishLag    *meter.Histogram             // seconds between being recorded and being published
	Published     meter.Counter                // certificates
	Changes       *meter.Vector[meter.Counter] // of a certificate's status, by what it became
	Failures      meter.Counter                // tries to publish that failed

	progress atomic.Int64 // Unix seconds at which something was last published, or nothing was left to do
}

func newMeters() *Meters {
	return &Meters{
		RoundSize:     meter.NewHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
		CommitSeconds: meter.Seconds(),
		Changes:       meter.NewVector(func() *meter.Counter { return new(meter.Counter) }),
		PublishLag:    meter.NewHistogram(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400),
	}
}

// Meters returns what is counted.
func (i *Issuer) Meters() *Meters { return i.meters }

// progressed notes that n certificates were published, or that nothing is left to do.
func (i *Issuer) progressed(n int) {
	i.meters.Published.Add(uint64(n))
	i.meters.progress.Store(i.cfg.Now().Unix())
}

// stuckAfter is how long nothing may be published while something is pending.
const stuckAfter = 2 * time.Minute

// stuck reports whether publishing makes no progress: something was recorded a while ago, and nothing was published
// since then, nor for as long.
func (i *Issuer) stuck(oldest time.Time) bool {
	if oldest.IsZero() {
		return false
	}
	now := i.cfg.Now()
	return now.Sub(oldest) > stuckAfter && now.Sub(time.Unix(i.meters.progress.Load(), 0)) > stuckAfter
}
