package site

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"laurel/credential"
	"laurel/internal/pdf"
	"laurel/internal/picture"
)

// PictureKeyword is the keyword of the PNG text chunk that holds the credential (Open Badges 3.0, 5.3 Baking).
const PictureKeyword = "openbadgecredential"

// AttachedName is the name under which a PDF carries the credential.
const AttachedName = "credential.json"

// Paint composes and paints the picture of a certificate and bakes its signed document into it.
func (r *Renderer) Paint(c Papers) ([]byte, error) {
	p, err := r.compose(c)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = r.bake(&out, c, p)
	return out.Bytes(), err
}

// PDF composes a certificate and writes it as a PDF that carries its signed document.
func (r *Renderer) PDF(c Papers) ([]byte, error) {
	p, err := r.compose(c)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = r.attach(&out, c, p)
	return out.Bytes(), err
}

func (r *Renderer) bake(out io.Writer, c Papers, p *picture.Picture) error {
	return p.PNG(out, picture.Text{Keyword: PictureKeyword, Text: string(c.Document)})
}

func (r *Renderer) attach(out io.Writer, c Papers, p *picture.Picture) error {
	language := ""
	if t, _ := r.Template(c.Credential); t != nil {
		language = pictureLanguage(t, c.Credential)
	}
	info := pdfInfo(c.Credential, language)
	return p.PDF(out, info, pdf.Attachment{
		Name: AttachedName, MediaType: "application/vc", Description: "Open Badges 3.0 credential", Modified: info.Created, Data: c.Document,
	})
}

// CardLayout is the layout of the card of every certificate, which messengers show for a link to it.
const CardLayout = "card"

// card paints the card that messengers show for a link to a certificate.
func (r *Renderer) card(out io.Writer, c Papers) error {
	l, ok := r.layouts[CardLayout]
	t, _ := r.Template(c.Credential)
	if !ok || t == nil {
		return fmt.Errorf("layouts/%s.yaml is missing, or no template is of the type %q", CardLayout, c.Credential.Kind())
	}
	p, err := l.Compose(bandedValues(t, c))
	if err != nil {
		return err
	}
	return p.PNG(out)
}

// pdfInfo is what a PDF in a language says of itself. Its date is that of the signature, never that of the build.
func pdfInfo(c *credential.Credential, language string) pdf.Info {
	zh, en := c.Titles()
	info := pdf.Info{Title: zh, Author: c.Issuer.Name, Language: "zh-CN"}
	if language == "en" {
		info.Title, info.Language = en, "en"
	}
	if info.Title == "" {
		info.Title = c.Name
	}
	info.Title += " · " + c.Recipient()
	for _, p := range c.Proof {
		if at, err := time.Parse(time.RFC3339, p.Created); err == nil {
			info.Created = at
			break
		}
	}
	return info
}

// Extract returns the credential that a picture or a PDF carries, told apart by how the file begins; any other file as it
// is.
func Extract(file []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG")):
		return Unbake(file)
	case bytes.HasPrefix(file, []byte("%PDF-")):
		return pdf.Attached(file, AttachedName)
	}
	return file, nil
}

// Unbake returns the credential in a PNG picture, as the text it was baked with.
func Unbake(png []byte) ([]byte, error) {
	text, err := picture.Unbake(png, PictureKeyword)
	return []byte(text), err
}
