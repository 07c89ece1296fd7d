package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"laurel/credential"
	"laurel/site"
)

// carried returns the signed document that a file is, or that a picture or a PDF carries, and where its tree would have
// that picture or PDF; "" for a document by itself.
func carried(file []byte) (doc []byte, published func(credential.Number) string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG")):
		published = site.PicturePath
	case bytes.HasPrefix(file, []byte("%PDF-")):
		published = site.PDFPath
	default:
		return file, nil, nil
	}
	if doc, err = site.Extract(file); err != nil {
		err = fmt.Errorf("no credential can be read from it: %w", err)
	}
	return doc, published, err
}

// The results of comparing a picture or a PDF with the one that a tree publishes. A copy that differs may be an older
// genuine one: the credential in it has the verdict, and what else it shows is for people to compare.
const (
	copySame    = "same"
	copyDiffers = "differs"
)

// compareCopy compares a file with the published one of its certificate; "" where there is none.
func (o *verifyFlags) compareCopy(file []byte, path string) string {
	published, err := os.ReadFile(filepath.Join(o.public, filepath.FromSlash(path)))
	switch {
	case err != nil:
		return ""
	case bytes.Equal(file, published):
		return copySame
	}
	return copyDiffers
}
