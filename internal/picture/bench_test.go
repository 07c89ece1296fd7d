package picture

import (
	"fmt"
	"io"
	"testing"
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

func BenchmarkPNG(b *testing.B) {
	for _, layout := range []string{"classical", "modern"} {
		b.Run(layout, func(b *testing.B) {
			l := layouts()[layout]
			for i := range 2000 { // the ordinary state of a publisher: the common glyphs are painted already
				if i%20 == 0 {
					p, _ := l.Compose(varied(i))
					_ = p.PNG(io.Discard)
				}
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p, err := l.Compose(varied(i))
				if err != nil {
					b.Fatal(err)
				}
				if err := p.PNG(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
