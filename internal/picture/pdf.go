package picture

import (
	"io"
	"sync"

	"laurel/internal/pdf"
)

// PDF writes the picture as a document of one page, as large as the layout's paper and exactly where the PNG has it: text
// as text in the same fonts, everything else as vectors. It follows PDF/A-3, level U, and is tagged. The same picture,
// info and attachments give the same bytes.
//
// A font with TrueType outlines is embedded as a subset of itself. Of any other (CFF, CFF2) the outlines of the glyphs
// used are written anew as a CFF font; either way the text can be selected and searched.
func (p *Picture) PDF(w io.Writer, info pdf.Info, attachments ...pdf.Attachment) error {
	d := documents.Get().(*document)
	defer documents.Put(d)
	if err := d.write(p, &info, attachments); err != nil {
		return err
	}
	_, err := w.Write(d.B)
	return err
}

// documents are kept between documents, as painters are.
var documents = sync.Pool{New: func() any { return &document{Writer: pdf.NewWriter(), written: map[*form]pdf.Ref{}} }}

// document is the memory of writing one document.
type document struct {
	*pdf.Writer
	picture *Picture
	layer   *vectorLayer
	page    pdf.Buffer // the page's content
	colour  int        // set in the content; −1: unknown
	faces   []*embedding
	used    []*embedding // of faces, in the order of first use
	written map[*form]pdf.Ref
	stamps  []*form // drawn by the content, by number
	tags    tags
	speech  speech
	blocks  []block // of the QR code
}

// points a pixel; a layout that names no paper has 96 pixels an inch.
func (v *variant) points() float64 {
	if v.paper > 0 {
		return v.paper / 25.4 * 72 / float64(v.width)
	}
	return .75
}

func (d *document) write(p *Picture, info *pdf.Info, attachments []pdf.Attachment) error {
	d.picture, d.layer = p, p.variant.vectors()
	d.Begin()
	clear(d.written)
	d.stamps, d.used, d.colour = d.stamps[:0], d.used[:0], -1
	d.tags.reset()
	d.page.Reset()
	if err := d.useFonts(); err != nil {
		return err
	}
	if err := d.content(); err != nil {
		return err
	}
	page, err := d.writePage()
	if err != nil {
		return err
	}
	tree := d.tags.write(d.Writer, page, info.Language)
	root, err := d.catalog(info, attachments, page, tree)
	if err != nil {
		return err
	}
	_, err = d.End(root, d.Info(info))
	return err
}

// writePage writes the page and all that it draws with.
func (d *document) writePage() (pdf.Ref, error) {
	v := d.picture.variant
	sheet := d.form(d.layer.sheet)
	stamps := make([]pdf.Ref, 0, 16)
	for _, f := range d.stamps {
		stamps = append(stamps, d.form(f))
	}
	if err := d.writeFonts(); err != nil {
		return 0, err
	}
	packed, err := d.Pack(d.page.B)
	if err != nil {
		return 0, err
	}
	content := d.Reserve()
	d.Open(content)
	d.Raw("<<")
	d.Stream(packed, true)
	d.Close()

	page := d.Reserve()
	pages := d.Reserve()
	d.Open(page)
	d.Raw("<</Type/Page/Parent ")
	d.Ref(pages)
	d.Raw("/MediaBox[0 0 ")
	k := v.points()
	d.Num(float64(v.width)*k, float64(v.height)*k)
	d.Raw("]/StructParents 0/Tabs/S/Contents ")
	d.Ref(content)
	d.Raw("/Resources<</XObject<</S ")
	d.Ref(sheet)
	for i, r := range stamps {
		d.Raw("/X")
		d.Int(i)
		d.Raw(" ")
		d.Ref(r)
	}
	d.Raw(">>/Font<<")
	for _, e := range d.used {
		d.Raw("/F")
		d.Int(e.number)
		d.Raw(" ")
		d.Ref(e.ref)
	}
	d.Raw(">>>>>>")
	d.Close()
	d.Open(pages)
	d.Raw("<</Type/Pages/Count 1/Kids[")
	d.Ref(page)
	d.Raw("]>>")
	d.Close()
	return page, nil
}

// catalog writes the document's root (ISO 32000-1 §7.7.2).
func (d *document) catalog(info *pdf.Info, attachments []pdf.Attachment, page, tree pdf.Ref) (pdf.Ref, error) {
	pages := page + 1
	files, err := d.Attach(attachments)
	if err != nil {
		return 0, err
	}
	metadata := d.Metadata(info)
	intent := d.OutputIntent(d.layer.profile)
	r := d.Reserve()
	d.Open(r)
	d.Raw("<</Type/Catalog/Pages ")
	d.Ref(pages)
	d.Raw("/Lang")
	d.Text(info.Language)
	d.Raw("/MarkInfo<</Marked true>>/StructTreeRoot ")
	d.Ref(tree)
	d.Raw("/ViewerPreferences<</DisplayDocTitle true>>/Metadata ")
	d.Ref(metadata)
	d.Raw("/OutputIntents[")
	d.Ref(intent)
	d.Raw("]")
	d.List(attachments, files)
	d.Raw(">>")
	d.Close()
	return r, nil
}
