package pdf

import "time"

// Attachment is a file that a document carries.
type Attachment struct {
	Name        string // "credential.json"
	MediaType   string
	Description string
	Modified    time.Time // zero: not said
	Data        []byte
}

// Attach writes attachments as embedded files (ISO 32000-1 §7.11.4). They are packed: a text editor does not find a
// credential any more, but every program that shows attachments does, and a certificate takes two kilobytes less.
func (w *Writer) Attach(attachments []Attachment) ([]Ref, error) {
	refs := make([]Ref, 0, len(attachments))
	for i := range attachments {
		a := &attachments[i]
		packed, err := w.Pack(a.Data)
		if err != nil {
			return nil, err
		}
		file, spec := w.Reserve(), w.Reserve()
		w.Open(file)
		w.Raw("<</Type/EmbeddedFile/Subtype")
		w.Name(a.MediaType)
		w.Raw("/Params<</Size ")
		w.Int(len(a.Data))
		if !a.Modified.IsZero() {
			w.Raw("/ModDate")
			w.date(a.Modified)
		}
		w.Raw(">>")
		w.Stream(packed, true)
		w.Close()
		w.Open(spec)
		w.Raw("<</Type/Filespec/F")
		w.Text(a.Name)
		w.Raw("/UF")
		w.Text(a.Name)
		w.Raw("/AFRelationship/Data/Desc")
		w.Text(a.Description)
		w.Raw("/EF<</F ")
		w.Ref(file)
		w.Raw("/UF ")
		w.Ref(file)
		w.Raw(">>>>")
		w.Close()
		refs = append(refs, spec)
	}
	return refs, nil
}

// List appends what a catalog says of attachments: that they belong to the document (PDF/A-3, ISO 19005-3 §6.8), and by
// which names programs find them. The names must be in order.
func (w *Writer) List(attachments []Attachment, specs []Ref) {
	if len(specs) == 0 {
		return
	}
	w.Raw("/AF[")
	for i, r := range specs {
		if i > 0 {
			w.Raw(" ")
		}
		w.Ref(r)
	}
	w.Raw("]/Names<</EmbeddedFiles<</Names[")
	for i, r := range specs {
		w.Text(attachments[i].Name)
		w.Ref(r)
	}
	w.Raw("]>>>>")
}

// Metadata writes the document's XMP packet, uncompressed, so that programs that know nothing of PDF find it.
func (w *Writer) Metadata(i *Info) Ref {
	w.scratch.Reset()
	i.appendXMP(&w.scratch)
	r := w.Reserve()
	w.Open(r)
	w.Raw("<</Type/Metadata/Subtype/XML")
	w.Stream(w.scratch.B, false)
	w.Close()
	return r
}

// Info writes the information dictionary.
func (w *Writer) Info(i *Info) Ref {
	r := w.Reserve()
	w.Open(r)
	i.appendDict(&w.Buffer)
	w.Close()
	return r
}

// OutputIntent says which colours the numbers of a document mean: those of sRGB, whose packed profile is given.
func (w *Writer) OutputIntent(profile []byte) Ref {
	icc, r := w.Reserve(), w.Reserve()
	w.Open(icc)
	w.Raw("<</N 3")
	w.Stream(profile, true)
	w.Close()
	w.Open(r)
	w.Raw("<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)/Info(sRGB IEC61966-2.1)/DestOutputProfile ")
	w.Ref(icc)
	w.Raw(">>")
	w.Close()
	return r
}
