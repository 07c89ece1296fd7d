package picture

import (
	"bytes"
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/fogleman/gg"
	"github.com/skip2/go-qrcode"
)

// varied gives values that differ from picture to picture as those of real certificates do, so that no cache holds the
// name and the number.
func varied(i int) Values {
	family, given := []rune("王李张刘陈杨赵黄周吴"), []rune("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂")
	name := string([]rune{family[i%len(family)], given[i/7%len(given)], given[i/31%len(given)]})
	number := fmt.Sprintf("7F3K-9QXM-%04d-%04d", i/10000%10000, i%10000)
	return sample(Values{"name": name, "number": number, "address": "certs.example.org/c/" + number + "/", "url": "https://certs.example.org/c/" + number + "/"})
}

func BenchmarkCompose(b *testing.B) {
	for _, layout := range []string{"classical", "modern"} {
		b.Run(layout, func(b *testing.B) {
			l := layouts()[layout]
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := l.Compose(varied(i)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("long", func(b *testing.B) {
		l := layouts()["classical"]
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := l.Compose(sample(longest, Values{"name": fmt.Sprintf("Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva %d", i)})); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPNG is a certificate's picture from its values to the file, QR code and all, in the ordinary state of a
// publisher: the common glyphs are painted already. Compare it with BenchmarkPlain, in one run on one core:
// go test -run - -bench 'PNG|Plain' -cpu 1 ./internal/picture
func BenchmarkPNG(b *testing.B) {
	for k, layout := range []string{"classical", "modern"} {
		b.Run(layout, func(b *testing.B) {
			l := layouts()[layout]
			for i := range 100 {
				p, _ := l.Compose(varied(20 * i))
				_ = p.PNG(io.Discard)
			}
			var size counter
			timed(b, func(i int) {
				p, err := l.Compose(varied(k*1_000_000 + i)) // numbers that no other run had, whose codes nobody has at hand
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				if err := p.PNG(&size); err != nil {
					b.Fatal(err)
				}
			})
			b.ReportMetric(float64(size), "filebytes")
		})
	}
}

// timed runs a benchmark's rounds and reports the processor's time as well, which other programs on the machine do not
// change.
func timed(b *testing.B, round func(i int)) {
	b.Helper()
	b.ReportAllocs()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	i, from := 0, time.Duration(-1)
	for b.Loop() {
		if from < 0 {
			from = used()
		}
		round(i)
		i++
	}
	b.ReportMetric(float64(used()-from)/float64(i)/1e6, "cpu-ms/op")
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// BenchmarkPlain paints the same pictures as one does with gg alone: everything drawn anew, each font loaded where it is
// used, image/png at the end.
func BenchmarkPlain(b *testing.B) {
	for _, layout := range []string{"classical", "modern"} {
		b.Run(layout, func(b *testing.B) {
			l := layouts()[layout]
			var size counter
			timed(b, func(i int) {
				p, err := l.Compose(varied(i))
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				plain(b, p, &size)
			})
			b.ReportMetric(float64(size), "filebytes")
		})
	}
}

func plain(b *testing.B, p *Picture, w io.Writer) {
	v := p.variant
	dc := gg.NewContext(v.width, v.height)
	dc.SetColor(v.palette.colours[v.palette.ground])
	dc.Clear()
	draw := func(figures []figure) {
		for _, f := range figures {
			dc.SetColor(v.palette.colours[f.colour])
			f.path.trace(dc)
			if f.width > 0 {
				dc.SetLineWidth(f.width)
				dc.Stroke()
			} else {
				dc.Fill()
			}
		}
	}
	draw(v.figures)
	for _, it := range p.items {
		dc.SetColor(v.palette.colours[it.colour])
		switch it.kind {
		case itemGlyphs:
			if err := dc.LoadFontFace("../../templates/fonts/"+it.glyphs[0].face.name+".ttf", it.size); err != nil {
				b.Fatal(err)
			}
			dc.DrawString(it.text, it.glyphs[0].x, it.glyphs[0].y)
		case itemBar:
			dc.DrawRectangle(it.box.x, it.box.y, it.box.w, it.box.h)
			dc.Fill()
		case itemStamp:
			dc.Push()
			dc.Translate(float64(it.stamp.x), float64(it.stamp.y))
			draw(it.stamp.draw())
			dc.Pop()
		case itemCode:
			q, err := qrcode.New(it.text, qrcode.Medium)
			if err != nil {
				b.Fatal(err)
			}
			dc.DrawImage(q.Image(int(it.box.w)), int(it.box.x), int(it.box.y))
		}
	}
	if err := dc.EncodePNG(w); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPDF(b *testing.B) {
	for _, layout := range []string{"classical", "modern"} {
		b.Run(layout, func(b *testing.B) {
			l := layouts()[layout]
			doc := credentialFile()
			var out bytes.Buffer
			for i := range 100 {
				p, _ := l.Compose(varied(i))
				out.Reset()
				if err := p.PDF(&out, infoOf(sample()), doc); err != nil {
					b.Fatal(err)
				}
			}
			timed(b, func(i int) {
				p, err := l.Compose(varied(3_000_000 + i))
				if err != nil {
					b.Fatal(err)
				}
				out.Reset()
				if err := p.PDF(&out, infoOf(sample()), doc); err != nil {
					b.Fatal(err)
				}
			})
			b.ReportMetric(float64(out.Len()), "filebytes")
		})
	}
}
