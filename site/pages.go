package site

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"laurel/templates"
)

// The pages by their names in a Set; other files of pages/ are parts that each of them may use.
const (
	certificatePage = "pages/certificate.html"
	erasedPage      = "pages/erased.html"
	criteriaPage    = "pages/criteria.html"
	lookupPage      = "pages/lookup.html"
	notFoundPage    = "pages/notfound.html"
)

var pageNames = []string{certificatePage, erasedPage, criteriaPage, lookupPage, notFoundPage}

// pages are the parsed page templates, by name.
type pages struct {
	byName map[string]*template.Template
	where  map[string]string // a file's base name to the file, for errors
}

// pageData is the dot of a page; C and Template are those of the pages that show one.
type pageData struct {
	Site     siteData
	Assets   assets
	Lang     string
	C        *certificateData
	Template *templateData
}

// siteData is what every page knows of its site.
type siteData struct {
	Host, BaseURL, IssuerName, DID string
	Fingerprint                    string // of the key that signed: the certificate, or on other pages site.json
	Timezone                       string
	Log                            string // the verifier keys of the log, its cosigner and its witnesses, by spaces
}

// certificateData is one certificate, every field from the signed document. Dates are YYYY-MM-DD and as people read them.
type certificateData struct {
	Number, URL, Address                     string
	Recipient, RecipientLang                 string
	Title, TitleZh, TitleEn                  string
	Type, Kind                               string
	AchievementName, AchievementLang         string
	Result, ResultMax                        string
	Issued, Expires                          string
	IssuedZh, IssuedEn, ExpiresZh, ExpiresEn string
	CriteriaHTML                             template.HTML
	CriteriaURL                              string
	Issuer                                   string
	QRPath                                   string
	QRSize                                   int

	PictureWidth, PictureHeight int // pixels
	HasPicture, HasPDF, HasCard bool

	Said   bool        // something was said of it since it was issued
	Stated *statedData // nil where nothing stands against it
}

// Reasons are the words for public reasons, which the script takes from the page.
func (*pageData) Reasons() []reasonWords { return reasons() }

// templateData is what the certificates of one template stand for today.
type templateData struct {
	ID, Kind                     string
	TitleZh, TitleEn             string
	DescriptionZh, DescriptionEn string
	CriteriaHTML                 template.HTML
}

func loadPages(t *templates.Set) (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}, where: map[string]string{}}
	var parts []string
	for _, name := range t.List("pages") {
		_, where, err := t.Read(name)
		if err != nil {
			return nil, err
		}
		p.where[baseName(name)] = where
		if strings.HasSuffix(name, ".html") && !slices.Contains(pageNames, name) {
			parts = append(parts, name)
		}
	}
	var problems []error
	for _, name := range pageNames {
		page := template.New(baseName(name))
		for _, file := range append(slices.Clone(parts), name) {
			data, _, err := t.Read(file)
			if err == nil {
				into := page
				if file != name {
					into = page.New(baseName(file))
				}
				_, err = into.Parse(string(data))
			}
			if err != nil {
				problems = append(problems, p.error(err))
				break
			}
		}
		minify(page)
		p.byName[name] = page
	}
	return p, errors.Join(unique(problems)...)
}

func baseName(name string) string { return strings.TrimPrefix(name, "pages/") }

// unique drops errors that say what an earlier one said: a broken part breaks every page in the same place.
func unique(errs []error) []error {
	var out []error
	for _, e := range errs {
		if !slices.ContainsFunc(out, func(o error) bool { return o.Error() == e.Error() }) {
			out = append(out, e)
		}
	}
	return out
}

var pageError = regexp.MustCompile(`^(?:html/)?template: ?([^:]+):(\d+)(?::(\d+))?: (?s:(.*))$`)

// error turns an error of html/template into FILE:LINE:COL: what.
func (p *pages) error(err error) error {
	m := pageError.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("pages: %w", err)
	}
	where, ok := p.where[m[1]]
	if !ok {
		where = m[1]
	}
	col, _ := strconv.Atoi(m[3]) // counted from 0; not there at all in errors of the parser
	return fmt.Errorf("%s:%s:%d: %s", where, m[2], col+1, m[4])
}

func (p *pages) execute(name string, dot *pageData) ([]byte, error) {
	var out bytes.Buffer
	err := p.write(&out, name, dot)
	return out.Bytes(), err
}

func (p *pages) write(out *bytes.Buffer, name string, dot *pageData) error {
	out.Grow(40 << 10)
	if err := p.byName[name].Execute(out, dot); err != nil {
		return p.error(err)
	}
	return nil
}

// try renders every page once with sample values, so that a mistake in one is found before it is in force.
func (r *Renderer) try() error {
	s := &siteState{data: siteData{Host: "certs.example.org", BaseURL: "https://certs.example.org", IssuerName: "示例学院 Example Academy", DID: "did:web:certs.example.org", Fingerprint: "0000 0000", Timezone: "Asia/Shanghai", Log: "certs.example.org/log+00000000+AAAA"}}
	full := certificateData{
		Number: "0000-0000-0000-0000", URL: "https://certs.example.org/c/0000-0000-0000-0000/", Address: "certs.example.org/c/0000-0000-0000-0000",
		Recipient: "张伟", RecipientLang: "zh-CN", Title: "结业证书 / Certificate of Completion", TitleZh: "结业证书", TitleEn: "Certificate of Completion",
		AchievementName: "安全生产基础", AchievementLang: "zh-CN", Issued: "2026-03-01", Expires: "2028-03-01",
		IssuedZh: "2026年3月1日", IssuedEn: "1 March 2026", ExpiresZh: "2028年3月1日", ExpiresEn: "1 March 2028",
		CriteriaHTML: "<p>…</p>", CriteriaURL: "/a/course/", Issuer: "示例学院 Example Academy", QRPath: "M0 0h1v1h-1z", QRSize: 1, HasPicture: true, HasPDF: true, HasCard: true, PictureWidth: 1600, PictureHeight: 1131,
	}
	var problems []error
	for kind, typ := range map[string]string{"course": "Course", "exam": "Assessment", "achievement": "Achievement"} {
		c := full
		c.Kind, c.Type = kind, typ
		switch kind {
		case "course":
			c.Result = "100"
		case "exam":
			c.Result, c.ResultMax = "92.5", "100"
		default:
			c.Expires, c.ExpiresZh, c.ExpiresEn = "", "", ""
		}
		_, err := r.pages.execute(certificatePage, &pageData{Site: s.data, Assets: r.assets, Lang: "zh", C: &c})
		problems = append(problems, err)
	}
	for _, standing := range []string{Revoked, Suspended, Superseded} {
		c := full
		c.Kind, c.Type = "course", "Course"
		c.Stated = &statedData{Standing: standing, Code: "error", Time: "2026-05-12T10:00:00+08:00", DayZh: "2026年5月12日", DayEn: "12 May 2026",
			ReasonZh: "颁发有误", ReasonEn: "issued in error", Replacement: "0000-0000-0000-0000", ReplacementURL: "/c/0000-0000-0000-0000/"}
		for _, page := range []string{certificatePage, erasedPage} {
			_, err := r.pages.execute(page, &pageData{Site: s.data, Assets: r.assets, Lang: "zh", C: &c})
			problems = append(problems, err)
		}
	}
	_, err := r.base(s)
	return errors.Join(unique(slices.DeleteFunc(append(problems, err), func(e error) bool { return e == nil }))...)
}

// page renders the verification page of a certificate.
func (r *Renderer) page(out *bytes.Buffer, s *siteState, p Papers) error {
	c := p.Credential
	number := c.Number()
	url := CertificateURL(c.Base(), number)
	l, t, err := r.layoutOf(c)
	if err != nil {
		return err
	}
	width, height := l.Size()
	files := r.files(s, t)
	modules, err := r.fonts.Code(url)
	if err != nil {
		return fmt.Errorf("QR code of %s: %w", url, err)
	}
	criteria, err := r.narrative(c.Subject.Achievement.Criteria.Narrative)
	if err != nil {
		return err
	}
	zh, en := c.Titles()
	value, most := c.Result()
	if c.Kind() == "course" {
		most = ""
	}
	achievement := c.Subject.Achievement.Name
	lang := "en"
	if hasHan(achievement) {
		lang = "zh"
	}
	dot := &pageData{Site: s.data, Assets: r.assets, Lang: lang, C: &certificateData{
		Number: string(number), URL: url, Address: address(url),
		Recipient: c.Recipient(), RecipientLang: textLanguage(c.Recipient()),
		Title: c.Name, TitleZh: zh, TitleEn: en,
		Type: c.Subject.Achievement.AchievementType, Kind: c.Kind(),
		AchievementName: achievement, AchievementLang: textLanguage(achievement),
		Result: value, ResultMax: most,
		Issued: c.Issued(), IssuedZh: dateZh(c.Issued()), IssuedEn: dateEn(c.Issued()),
		Expires: c.Expires(), ExpiresZh: dateZh(c.Expires()), ExpiresEn: dateEn(c.Expires()),
		CriteriaHTML: criteria, CriteriaURL: "/a/" + c.TemplateID() + "/",
		Issuer: c.Issuer.Name, QRPath: qrPath(modules), QRSize: len(modules), HasPicture: files.Has(OnlyPNG), HasPDF: files.Has(OnlyPDF), HasCard: files.Has(OnlyCard), PictureWidth: width, PictureHeight: height, Stated: p.stated(),
	}}
	if f := fingerprint(c.Proof); f != "" { // a sample has no proof
		dot.Site.Fingerprint = f
	}
	dot.C.Said = p.Statements != nil
	return r.pages.write(out, certificatePage, dot)
}

// criteriaOf renders the page of a template.
func (r *Renderer) criteriaOf(s *siteState, t *templates.Certificate) ([]byte, error) {
	criteria, err := r.narrative(t.Narrative())
	if err != nil {
		return nil, err
	}
	return r.pages.execute(criteriaPage, &pageData{Site: s.data, Assets: r.assets, Lang: "zh", Template: &templateData{
		ID: t.ID, Kind: t.Type, TitleZh: t.Title.Zh, TitleEn: t.Title.En,
		DescriptionZh: t.Description.Zh, DescriptionEn: t.Description.En, CriteriaHTML: criteria,
	}})
}

// qrPath returns a QR code as SVG path data, one unit a module and no quiet zone.
func qrPath(rows [][]bool) string {
	b := make([]byte, 0, 12<<10)
	for y, row := range rows {
		for x := 0; x < len(row); {
			n := 0
			for x+n < len(row) && row[x+n] {
				n++
			}
			if n > 0 {
				b = appendRun(b, x, y, n)
			}
			x += n + 1
		}
	}
	return string(b)
}

// appendRun draws n modules of one row: a rectangle, as a closed path.
func appendRun(b []byte, x, y, n int) []byte {
	b = strconv.AppendInt(append(b, 'M'), int64(x), 10)
	b = strconv.AppendInt(append(b, ' '), int64(y), 10)
	b = strconv.AppendInt(append(b, 'h'), int64(n), 10)
	b = strconv.AppendInt(append(b, "v1h-"...), int64(n), 10)
	return append(b, 'z')
}
