package api

import (
	"errors"
	"fmt"
	"math"
	"net/http"

	"laurel/credential"
	"laurel/internal/issuer"
)

// platformTemplates answers GET /templates.
func (s *service) platformTemplates(w http.ResponseWriter, r *http.Request, _ principal) error {
	q := fastParams(r)
	kind := q.oneOf("cert_type", "course", "exam", "achievement")
	if err := q.refused(); err != nil {
		return err
	}
	list := PlatformList[PlatformTemplate]{Items: []PlatformTemplate{}}
	for _, c := range s.issuer.Templates().Certificates() {
		if kind == "" || c.Type == kind {
			list.Items = append(list.Items, PlatformTemplate{ID: c.ID, Type: c.Type, TypeName: typeName(c.Type), Title: c.Title.Zh, Description: c.Description.Zh})
		}
	}
	list.Total, list.Limit = len(list.Items), len(list.Items)
	return success(w, list)
}

// platformMine answers GET /me.
func (s *service) platformMine(w http.ResponseWriter, r *http.Request, p principal) error {
	return s.platformList(w, r, p, p.user)
}

// platformOf answers GET /user/{user_id}.
func (s *service) platformOf(w http.ResponseWriter, r *http.Request, p principal) error {
	return s.platformList(w, r, p, r.PathValue("user_id"))
}

func (s *service) platformList(w http.ResponseWriter, r *http.Request, p principal, user string) error {
	q := fastParams(r)
	f := issuer.Filter{
		Recipient: user,
		Type:      q.oneOf("cert_type", "course", "exam", "achievement"),
		Offset:    q.integer("offset", 0, 0, math.MaxInt32),
		Limit:     q.integer("limit", 20, 1, 100),
	}
	if err := q.refused(); err != nil {
		return err
	}
	if user == "" || !p.narrow(&f) {
		return refused(http.StatusForbidden, "无权查看其他用户的证书")
	}
	page, err := s.issuer.List(r.Context(), f)
	if err != nil {
		return err
	}
	list := PlatformList[PlatformCertificate]{Items: make([]PlatformCertificate, len(page.Items)), Total: page.Total, Offset: f.Offset, Limit: f.Limit}
	for i, item := range page.Items {
		list.Items[i] = s.platformCertificate(item)
	}
	return success(w, list)
}

// platformFind reads the certificate of the id in the path. One that the caller may not see is answered like one that
// does not exist.
func (s *service) platformFind(r *http.Request, p principal) (*issuer.Receipt, error) {
	q := fastParams(r)
	id := q.certID()
	if err := q.refused(); err != nil {
		return nil, err
	}
	if id < 1 {
		return nil, noSuchCertificate
	}
	found, err := s.issuer.At(r.Context(), id-1)
	if errors.Is(err, issuer.ErrNotFound) || err == nil && (found.Erased || !p.sees(found)) {
		return nil, noSuchCertificate
	}
	return found, err
}

// platformGet answers GET /{cert_id}.
func (s *service) platformGet(w http.ResponseWriter, r *http.Request, p principal) error {
	found, err := s.platformFind(r, p)
	if err != nil {
		return err
	}
	return success(w, s.platformCertificate(found))
}

// platformImage answers GET /{cert_id}/image.
func (s *service) platformImage(w http.ResponseWriter, r *http.Request, p principal) error {
	found, err := s.platformFind(r, p)
	if err != nil {
		return err
	}
	data, err := s.issuer.Image(r.Context(), found.Number)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=certificate_%d.png", certID(found)))
	sendFile(w, "image/png", data)
	return nil
}

// platformDownload answers GET /{cert_id}/download.
func (s *service) platformDownload(w http.ResponseWriter, r *http.Request, p principal) error {
	found, err := s.platformFind(r, p)
	if err != nil {
		return err
	}
	data, err := s.issuer.PDF(r.Context(), found.Number)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%s.pdf", found.Number))
	sendFile(w, "application/pdf", data)
	return nil
}

// platformVerify answers GET /verify/{cert_no}, which everybody may ask: a number cannot be guessed, and who has one
// may see what its public page says. It is no error that a certificate is not valid.
func (s *service) platformVerify(w http.ResponseWriter, r *http.Request, _ principal) error {
	if err := s.verifiers.admit(w.Header(), s.address(r)); err != nil {
		return err
	}
	typed := r.PathValue("cert_no")
	n, err := credential.ParseNumber(typed)
	var found *issuer.Receipt
	if err == nil {
		if found, err = s.issuer.Get(r.Context(), n); err != nil && !errors.Is(err, issuer.ErrNotFound) {
			return err
		}
		typed = string(n)
	}
	if err != nil {
		return reply(w, http.StatusOK, Envelope[PlatformVerdict]{http.StatusNotFound, "证书不存在或编号错误", PlatformVerdict{CertificateNo: cut(typed)}})
	}
	verdict := PlatformVerdict{
		Valid: found.Status == "valid", CertificateNo: typed, Status: found.Status, Title: found.Title, TypeName: typeName(found.Type),
		IssuedAt: &found.IssuedAt, User: &VerifiedUser{found.Recipient.Name}, ReplacedBy: string(found.ReplacedBy),
	}
	if found.Erased {
		verdict.Title, verdict.IssuedAt, verdict.User = "", nil, nil
	}
	if !verdict.Valid {
		return reply(w, http.StatusOK, Envelope[PlatformVerdict]{http.StatusGone, statusMessage(found), verdict})
	}
	return reply(w, http.StatusOK, Envelope[PlatformVerdict]{http.StatusOK, "证书验证通过", verdict})
}
