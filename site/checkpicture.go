package site

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"laurel/credential"
	"laurel/templates"
)

// picture compares card, picture and PDF with what a clean build paints, or the credential in them alone.
func (c *checker) picture(n credential.Number, papers Papers, files templates.Files) {
	if c.o.NoPicture {
		if files.Has(OnlyPNG) {
			c.carries(PicturePath(n), papers.Document)
		}
		if files.Has(OnlyPDF) {
			c.carries(PDFPath(n), papers.Document)
		}
		if _, err := os.Lstat(filepath.Join(c.dir, filepath.FromSlash(CardPath(n)))); files.Has(OnlyCard) && errors.Is(err, fs.ErrNotExist) {
			c.problem(CardPath(n), "missing; run certgen build")
		}
		return
	}
	if files.Has(OnlyCard) {
		c.painted(CardPath(n), func(out *bytes.Buffer) error { return c.renderer.card(out, papers) })
	}
	if !files.Has(OnlyPNG) && !files.Has(OnlyPDF) {
		return
	}
	p, err := c.renderer.compose(papers)
	if err != nil {
		c.problem(PicturePath(n), "%v", err)
		return
	}
	if files.Has(OnlyPNG) {
		c.painted(PicturePath(n), func(out *bytes.Buffer) error { return c.renderer.bake(out, papers, p) })
	}
	if files.Has(OnlyPDF) {
		c.painted(PDFPath(n), func(out *bytes.Buffer) error { return c.renderer.attach(out, papers, p) })
	}
}

func (c *checker) painted(path string, paint func(*bytes.Buffer) error) {
	var out bytes.Buffer
	if err := paint(&out); err != nil {
		c.problem(path, "%v", err)
		return
	}
	c.compare(path, out.Bytes())
}

// carries reports a file that carries another credential than the one beside it.
func (c *checker) carries(path string, doc []byte) {
	file, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		c.problem(path, "missing; run certgen build")
		return
	}
	if err == nil {
		var carried []byte
		if carried, err = Extract(file); err == nil && !bytes.Equal(carried, doc) {
			err = errors.New("it carries another credential than the one beside it; run certgen build --force")
		}
	}
	if err != nil {
		c.problem(path, "%v", err)
	}
}
