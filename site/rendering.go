package site

import (
	"bytes"
	"hash"
	"io"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// rendering is a kind of file that is made from every certificate.
type rendering struct {
	name   string // in Options.Only
	path   func(credential.Number) string
	stamp  func(s *snapshot, doc stamp, l look) stamp // of everything it is made from
	render func(s *snapshot, w *work, out *bytes.Buffer) error
	paced  bool // making one takes long enough to wait for quieter times
}

// work is a certificate while its files are made.
type work struct {
	Papers
	n       credential.Number
	picture *picture.Picture // composed by the first rendering that asks
	waited  bool
	painted func() // to be called in the end
}

// The outputs of a certificate that Options.Only can choose.
const (
	OnlyPNG  = templates.PNG
	OnlyPDF  = templates.PDF
	OnlyCard = templates.Card
	OnlyHTML = templates.HTML
)

const (
	outputCount = 4
	pageOutput  = outputCount - 1 // the index of the page
)

// renderings are in the order in which they are written: the page last, which shows the others.
func renderings() [outputCount]rendering {
	return [...]rendering{
		{name: OnlyPNG, path: PicturePath, stamp: pictureStamp(OnlyPNG), paced: true, render: painting((*Renderer).bake)},
		{name: OnlyPDF, path: PDFPath, stamp: pictureStamp(OnlyPDF), paced: true, render: painting((*Renderer).attach)},
		{name: OnlyCard, path: CardPath, stamp: (*snapshot).cardStamp, paced: true,
			render: func(s *snapshot, w *work, out *bytes.Buffer) error { return s.card(out, w.Papers) }},
		{name: OnlyHTML, path: PagePath, stamp: (*snapshot).pageStamp,
			render: func(s *snapshot, w *work, out *bytes.Buffer) error { return s.page(out, s.site, w.Papers) }},
	}
}

// painting is a rendering of the composed picture.
func painting(paint func(*Renderer, io.Writer, Papers, *picture.Picture) error) func(*snapshot, *work, *bytes.Buffer) error {
	return func(s *snapshot, w *work, out *bytes.Buffer) (err error) {
		if w.picture == nil {
			if w.picture, err = s.compose(w.Papers); err != nil {
				return err
			}
		}
		return paint(s.Renderer, out, w.Papers, w.picture)
	}
}

// Outputs are the outputs that Options.Only can choose.
func Outputs() []string {
	var names []string
	for _, o := range renderings() {
		names = append(names, o.name)
	}
	return names
}

// pictureStamp stands for everything that a picture or, as output says, a PDF is made from.
func pictureStamp(output string) func(*snapshot, stamp, look) stamp {
	return func(s *snapshot, doc stamp, l look) stamp {
		t := s.templateOf(l)
		if t == nil {
			return stamp{}
		}
		print := s.layouts[t.Layout].print
		return digest(func(h hash.Hash) { put(h, []byte(output), doc[:], print[:], []byte(t.Language)) })
	}
}

// cardStamp stands for everything a card is made from.
func (s *snapshot) cardStamp(doc stamp, l look) stamp {
	t := s.templateOf(l)
	if t == nil {
		return stamp{}
	}
	print := s.layouts[CardLayout].print
	return digest(func(h hash.Hash) { put(h, []byte("card"), doc[:], print[:], []byte(t.Language)) })
}

// pageStamp stands for everything a verification page is made from.
func (s *snapshot) pageStamp(doc stamp, l look) stamp {
	return digest(func(h hash.Hash) {
		put(h, []byte("page"), doc[:], s.pages[:], []byte(s.files(s.site, s.templateOf(l))))
		if t := s.templateOf(l); t != nil && s.layouts[t.Layout].Layout != nil {
			width, height := s.layouts[t.Layout].Size()
			put(h, []byte{byte(width >> 8), byte(width), byte(height >> 8), byte(height)})
		}
	})
}
