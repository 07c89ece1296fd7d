package site

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCertificate is all that is made of a certificate: its document is read, its page rendered, its picture painted
// and its PDF written, each anew. The QR code is made once for the three of them.
func BenchmarkCertificate(b *testing.B) {
	for _, kind := range []string{"classical", "modern"} {
		b.Run(kind, func(b *testing.B) {
			i := newIssuer(b, testBase)
			s, _ := benchmarkState(b, i)
			var all []Document
			for n := range 600 {
				all = append(all, i.certificate(b, func(f *factsOf) {
					if kind == "modern" {
						asAchievement(f)
					}
					f.RecipientName = string([]rune("王李张刘陈杨赵黄周吴")[n%10]) + string([]rune("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰")[n/10%20])
				}))
			}
			sizes := [4]int{}
			round := func(d Document) {
				p, err := ReadPapers(d.Data, nil)
				if err != nil {
					b.Fatal(err)
				}
				var page, png, pdf bytes.Buffer
				if err := s.page(&page, s.site, p); err != nil {
					b.Fatal(err)
				}
				picture, err := s.compose(p)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.bake(&png, p, picture); err != nil {
					b.Fatal(err)
				}
				if err := s.attach(&pdf, p, picture); err != nil {
					b.Fatal(err)
				}
				sizes = [4]int{png.Len(), pdf.Len(), page.Len(), len(d.Data)}
			}
			for _, d := range all[:100] { // a publisher's ordinary state: the common glyphs are painted already
				round(d)
			}
			b.ReportAllocs()
			rounds, from := 0, processorTime(b)
			for b.Loop() {
				if rounds == 0 {
					from = processorTime(b)
				}
				round(all[100+rounds%500])
				rounds++
			}
			b.ReportMetric((processorTime(b)-from).Seconds()*1000/float64(rounds), "cpu-ms/op")
			for k, what := range []string{"png-bytes", "pdf-bytes", "html-bytes", "json-bytes"} {
				b.ReportMetric(float64(sizes[k]), what)
			}
		})
	}
}

// processorTime is what this process has used, which other programs on the machine do not change.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(fmt.Errorf("processor time: %w", err))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
