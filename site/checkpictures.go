package site

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"laurel/credential"
	"laurel/internal/picture"
)

// picture compares card, picture and PDF with what a clean build paints, or the credential in them alone.
func (c *checker) picture(n credential.Number, papers Papers) {
	if c.o.NoPicture {
		c.carries(PicturePath(n), papers.Document)
		c.carries(PDFPath(n), papers.Document)
		if _, err := os.Lstat(filepath.Join(c.dir, filepath.FromSlash(CardPath(n)))); errors.Is(err, fs.ErrNotExist) {
			c.problem(CardPath(n), "missing; run certgen build")
		}
		return
	}
	if card, err := c.renderer.card(papers); err != nil {
		c.problem(CardPath(n), "%v", err)
	} else {
		c.compare(CardPath(n), card)
	}
	p, err := c.renderer.compose(papers)
	if err != nil {
		c.problem(PicturePath(n), "%v", err)
		return
	}
	for path, paint := range map[string]func(Papers, *picture.Picture) ([]byte, error){
		PicturePath(n): c.renderer.bake,
		PDFPath(n):     c.renderer.attach,
	} {
		data, err := paint(papers, p)
		if err != nil {
			c.problem(path, "%v", err)
			continue
		}
		c.compare(path, data)
	}
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
