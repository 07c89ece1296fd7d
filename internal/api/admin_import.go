package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"laurel/credential"
	"laurel/internal/admin"
	"laurel/internal/issuer"
	"laurel/internal/table"
)

// What a table of the page may be; certd import takes larger ones.
const (
	maxUpload  = 4 << 20 // bytes
	maxLines   = 5000
	maxUploads = 8 // that are kept until somebody has them issued
	uploadLife = time.Hour
)

// upload is a table that was checked and not issued yet: its good lines.
type upload struct {
	rows  []table.Row
	since time.Time
}

// uploads keeps one table a session, by what its pages hide in their forms. It is safe for concurrent use.
type uploads struct {
	mu  sync.Mutex
	all map[string]*upload
}

// put keeps a table; where there are too many, the oldest goes.
func (u *uploads) put(key string, one *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	oldest := ""
	for k, other := range u.all {
		if one.since.Sub(other.since) > uploadLife {
			delete(u.all, k)
		} else if oldest == "" || other.since.Before(u.all[oldest].since) {
			oldest = k
		}
	}
	if len(u.all) >= maxUploads {
		delete(u.all, oldest)
	}
	u.all[key] = one
}

// take gives a table out, once.
func (u *uploads) take(key string, now time.Time) *upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	one := u.all[key]
	delete(u.all, key)
	if one == nil || now.Sub(one.since) > uploadLife {
		return nil
	}
	return one
}

// importLine is what a page says of a line.
type importLine struct {
	Line    int
	Name    string
	Number  credential.Number
	Problem string
}

type importBody struct {
	Form                     issueBody
	File                     string
	Checked, Done            bool
	Total, New, Before, Bad  int
	Lines                    []importLine // those that are bad; once issued, all
	MostLines, MostMegabytes int
}

// adminImportForm answers GET /admin/import.
func (s *service) adminImportForm(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	return s.showImport(w, http.StatusOK, s.view(r, p, "import"), p, importBody{})
}

func (s *service) showImport(w http.ResponseWriter, status int, v *admin.View, p principal, body importBody) error {
	v.Address = admin.Base + "/import"
	body.MostLines, body.MostMegabytes = maxLines, maxUpload>>20
	for _, t := range s.issuer.Templates().Certificates() {
		if p.mayIssue(&issuer.Request{Template: t.ID, Organisation: p.organisation}) == nil {
			body.Form.Templates = append(body.Form.Templates, t)
		}
	}
	v.Body = body
	return s.show(w, status, "import", v)
}

// adminImport answers POST /admin/import: what is wrong with which line, with nothing issued. Its good lines are kept.
func (s *service) adminImport(w http.ResponseWriter, r *http.Request, p principal) error {
	unhurried(w)
	v := s.view(r, p, "import")
	rows, name, fault := s.uploaded(v, r)
	if fault != "" {
		v.Faults = []admin.Fault{{Field: "file", Name: v.T("文件", "File"), Message: fault}}
		return s.showImport(w, http.StatusUnprocessableEntity, v, p, importBody{})
	}
	body := importBody{File: name, Checked: true, Total: len(rows)}
	good, twins := &upload{since: s.now()}, table.NewTwins()
	for _, one := range rows {
		before, problem := s.checkRow(r.Context(), v, p, twins, one)
		switch {
		case problem != "":
			body.Bad++
			body.Lines = append(body.Lines, importLine{Line: one.Line, Problem: problem})
		case before:
			body.Before++
			good.rows = append(good.rows, one.Row)
		default:
			body.New++
			good.rows = append(good.rows, one.Row)
		}
	}
	s.uploads.put(v.CSRF, good)
	return s.showImport(w, http.StatusOK, v, p, body)
}

// uploadedRow is a line of a table, or why it is none.
type uploadedRow struct {
	table.Row
	problem string
}

// uploaded reads the table of a form. fault says why there is none.
func (s *service) uploaded(v *admin.View, r *http.Request) (rows []uploadedRow, name, fault string) {
	file, header, err := r.FormFile("file")
	if err != nil {
		return nil, "", v.T("请选择一个 CSV 文件。", "choose a CSV file.")
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, "", v.T("文件没有传完，请重试。", "it did not arrive whole; try again.")
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	t, err := table.Open("table.csv", open, nil, nil)
	if err == nil && !t.Has("template") {
		t, err = table.Open("table.csv", open, nil, []string{"template=" + r.PostForm.Get("template")})
	}
	if err != nil {
		return nil, "", headingFault(v, err)
	}
	for row, err := range t.Rows() {
		if len(rows) == maxLines {
			return nil, "", v.T("行数太多，请用 certd import。", "it has too many lines; use certd import.")
		}
		one := uploadedRow{Row: row}
		if bad, ok := errors.AsType[*table.RowError](err); ok {
			one.Line, one.problem = bad.Line, v.T(reason(bad.Message), bad.Message)
		} else if err != nil {
			return nil, "", v.T("文件不是正确的 CSV：引号不成对。", "it is not proper CSV: a quotation mark has no partner.")
		}
		rows = append(rows, one)
	}
	if len(rows) == 0 {
		return nil, "", v.T("文件里没有内容。", "there are no lines in it.")
	}
	return rows, header.Filename, ""
}

func headingFault(v *admin.View, err error) string {
	he, ok := errors.AsType[*table.HeadingError](err)
	switch known := strings.Join(table.Fields(), ", "); {
	case !ok:
		return v.T("首行应是列名："+known, "its first line should name the columns: "+known)
	case he.Twice:
		return v.T("列“"+he.Heading+"”重复了。", "the column “"+he.Heading+"” stands twice.")
	default:
		return v.T("不认识列“"+he.Heading+"”；可用的列名：", "the column “"+he.Heading+"” is not known; there are ") + known
	}
}

// checkRow says what would become of a line.
func (s *service) checkRow(ctx context.Context, v *admin.View, p principal, twins *table.Twins, one uploadedRow) (before bool, problem string) {
	if one.problem != "" {
		return false, one.problem
	}
	repeated, differs := twins.Differs(one.Row)
	if differs != "" {
		return false, v.T("与前面某一行是同一份证书，内容却不同；请填写不同的批次（occasion）。", differs)
	}
	req, _, err := decodeRequest(one.Request)
	if err == nil {
		err = p.mayIssue(&req)
	}
	if err != nil {
		return false, lineFault(v, err)
	}
	was, err := s.issuer.Check(ctx, req, issuer.Call{Principal: p.id, Reach: p.readsOnIssue()})
	if err != nil {
		return false, lineFault(v, issueProblem(err))
	}
	return was != nil || repeated, ""
}

// lineFault says what is wrong with a line, in the page's language.
func lineFault(v *admin.View, err error) string {
	refused, ok := errors.AsType[*Problem](err)
	if !ok {
		return v.T("暂时无法颁发。", "it cannot be issued at the moment.")
	}
	var parts []string
	for _, f := range faultsFor(v, refused, "") {
		if f.Name != "" {
			f.Message = f.Name + v.T("：", ": ") + f.Message
		}
		parts = append(parts, f.Message)
	}
	return strings.Join(parts, v.T("", "; "))
}

// adminImportIssue answers POST /admin/import/issue: the good lines of the table that was checked last are issued.
func (s *service) adminImportIssue(w http.ResponseWriter, r *http.Request, p principal) error {
	unhurried(w)
	v := s.view(r, p, "import")
	one := s.uploads.take(v.CSRF, s.now())
	if one == nil {
		v.Faults = []admin.Fault{{Field: "file", Name: v.T("文件", "File"), Message: v.T("请重新选择并核对。", "choose it and have it checked again.")}}
		return s.showImport(w, http.StatusUnprocessableEntity, v, p, importBody{})
	}
	body := importBody{Done: true, Total: len(one.rows), Lines: make([]importLine, len(one.rows))}
	slots, firsts := make(chan struct{}, bulkWidth), make([]bool, len(one.rows))
	var all sync.WaitGroup
	for i, row := range one.rows {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			body.Lines[i] = importLine{Line: row.Line}
			receipt, first, err := s.issue(context.WithoutCancel(r.Context()), row.Request, p, issuer.Call{})
			if err != nil {
				body.Lines[i].Problem = lineFault(v, err)
				return
			}
			firsts[i], body.Lines[i].Number, body.Lines[i].Name = first, receipt.Number, receipt.Recipient.Name
		})
	}
	all.Wait()
	for i, line := range body.Lines {
		switch {
		case line.Problem != "":
			body.Bad++
		case firsts[i]:
			body.New++
		default:
			body.Before++
		}
	}
	return s.showImport(w, http.StatusOK, v, p, body)
}
