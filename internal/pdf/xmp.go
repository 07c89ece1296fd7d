package pdf

import (
	"strings"
	"time"
)

// Info is what a document says of itself.
type Info struct {
	Title    string
	Author   string
	Language string    // BCP 47, of the document as a whole: "zh-CN"
	Created  time.Time // zero: not said
}

// producer is the program's name. It carries no version: one would change every document with every release.
const producer = "Laurel"

// appendXMP writes the metadata packet (PDF/A-3, ISO 19005-3 §6.6). It says again what the information dictionary says,
// which that clause demands, and names part and level: 3, text that maps to Unicode.
func (i *Info) appendXMP(b *Buffer) {
	b.Raw("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
		` xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">` +
		`<pdfaid:part>3</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">`)
	b.xml(i.Title)
	b.Raw(`</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>`)
	b.xml(i.Language)
	b.Raw(`</rdf:li></rdf:Bag></dc:language>`)
	if i.Author != "" {
		b.Raw(`<dc:creator><rdf:Seq><rdf:li>`)
		b.xml(i.Author)
		b.Raw(`</rdf:li></rdf:Seq></dc:creator>`)
	}
	if !i.Created.IsZero() {
		when := i.Created.UTC().Format("2006-01-02T15:04:05Z")
		b.Raw(`<xmp:CreateDate>` + when + `</xmp:CreateDate><xmp:ModifyDate>` + when + `</xmp:ModifyDate>`)
	}
	b.Raw(`<pdf:Producer>` + producer + `</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>` + "\n<?xpacket end=\"r\"?>")
}

// appendDict writes the information dictionary (§14.3.3).
func (i *Info) appendDict(b *Buffer) {
	b.Raw("<</Title")
	b.Text(i.Title)
	if i.Author != "" {
		b.Raw("/Author")
		b.Text(i.Author)
	}
	if !i.Created.IsZero() {
		b.Raw("/CreationDate")
		b.date(i.Created)
		b.Raw("/ModDate")
		b.date(i.Created)
	}
	b.Raw("/Producer(" + producer + ")>>")
}

func (b *Buffer) date(t time.Time) { b.Raw(t.UTC().Format("(D:20060102150405Z)")) }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (b *Buffer) xml(s string) { b.Raw(xmlEscaper.Replace(s)) }
