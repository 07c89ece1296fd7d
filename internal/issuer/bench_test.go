package issuer

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
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
