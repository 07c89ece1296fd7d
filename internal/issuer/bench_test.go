package issuer

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"laurel/credential"
)

// BenchmarkIssue has 64 callers in a closed loop, over the real store, while the publisher follows behind.
func BenchmarkIssue(b *testing.B) {
	h := newHouse(b)
	h.cfg.Now = nil // real time: pace and log
	r := h.run(nil)
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := r.Issue(context.Background(), mixed(int(n.Add(1))), Call{Principal: "bench", Reach: Reach{All: true}}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "certificates/s")
	b.ReportMetric(float64(r.Health().Pending), "pending")
}

// mixed is the n-th request of a load of all types, names of several scripts.
func mixed(n int) Request {
	names := [...]string{"张伟", "欧阳思远", "Nguyễn Thị Ánh Tuyết", "Jürgen Müßig", "李䶮", "Sample Learner"}
	q := Request{
		Recipient:   Person{ID: fmt.Sprintf("bench-%d", n), Name: names[n%len(names)]},
		Achievement: Item{ID: "C-301", Name: "安全生产基础"},
	}
	switch n % 3 {
	case 0:
		q.Template, q.Result = "course", &Result{CompletionRate: text("100")}
	case 1:
		q.Template, q.Result = "exam", &Result{Score: text("92.5"), MaxScore: text("100")}
	default:
		q.Template, q.Achievement.Name = "achievement", "Safety Instructor of the Year"
	}
	return q
}

// BenchmarkStatus changes the status of one of 64 certificates after the other, until the signed lists stand on the disk:
// by one caller, and by 64 in a closed loop.
func BenchmarkStatus(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			h := newHouse(b)
			h.cfg.Now = nil // real time: pace and log
			r := h.run(nil)
			numbers := make([]credential.Number, 64)
			for n := range numbers {
				numbers[n] = r.issue(sample(n), Call{Principal: "bench", Reach: Reach{All: true}}).Number
			}
			r.settled()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for c := range callers {
				own := numbers[c*64/callers : (c+1)*64/callers]
				wg.Go(func() {
					for turn := 0; left.Add(-1) >= 0; turn++ {
						if err := r.listed(own[turn%len(own)], [...]string{"suspended", "valid"}[turn/len(own)%2]); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
			b.ReportMetric(b.Elapsed().Seconds()*1000*float64(callers)/float64(b.N), "ms/change")
		})
	}
}

// listed changes a status and returns when the signed lists that say so are on the disk.
func (r *running) listed(n credential.Number, status string) error {
	_, _, err := r.SetStatus(context.Background(), n, Status{Status: status}, Call{Principal: "bench"})
	if err != nil {
		return err
	}
	return r.publishDocuments(context.Background())
}
