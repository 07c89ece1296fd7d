package api

import (
	"encoding/base64"
	"fmt"
	"net/http"

	"laurel/internal/issuer"
)

// List is a page of certificates, newest first.
type List struct {
	Items      []*issuer.Receipt `json:"items"`
	Total      int               `json:"total" doc:"How many certificates the filter finds; behind a cursor, how many it found on the first page."`
	NextCursor *string           `json:"next_cursor" doc:"Give it as cursor, with the same filter, to go on behind this page, whatever is issued meanwhile; null on the last."`
}

// list answers GET /v1/certificates.
func (s *service) list(w http.ResponseWriter, r *http.Request, p principal) error {
	q := params(r)
	f := issuer.Filter{
		Recipient:    q.text("recipient"),
		Organisation: q.text("organisation"),
		Type:         q.oneOf("type", "course", "exam", "achievement"),
		Status:       q.oneOf("status", "valid", "suspended", "revoked", "expired"),
		Template:     q.text("template"),
		Limit:        q.integer("limit", 20, 1, 100),
		Offset:       q.integer("offset", 0, 0, 1<<31-1),
	}
	total := q.cursor(&f)
	if err := q.refused(); err != nil {
		return err
	}
	list := List{Items: []*issuer.Receipt{}}
	if !p.narrow(&f) {
		return reply(w, http.StatusOK, list)
	}
	page, err := s.issuer.List(r.Context(), f)
	if err != nil {
		return err
	}
	for _, item := range page.Items {
		list.Items = append(list.Items, p.show(item))
	}
	if list.Total = page.Total; f.Before != nil {
		list.Total = total
	}
	if page.More && len(page.Items) > 0 {
		next := cursor(page.Items[len(page.Items)-1].LogIndex, list.Total)
		list.NextCursor = &next
	}
	return reply(w, http.StatusOK, list)
}

// cursor says where a list goes on, and carries along what it would take a walk through the records to count again.
func cursor(index int64, total int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "1.%d.%d", index, total))
}

// cursor reads the parameter of this name into a filter.
func (q *query) cursor(f *issuer.Filter) (total int) {
	text := q.text("cursor")
	if text == "" {
		return 0
	}
	var index int64
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		_, err = fmt.Sscanf(string(plain), "1.%d.%d", &index, &total)
	}
	switch {
	case err != nil || index < 0 || total < 0 || cursor(index, total) != text:
		q.fault("cursor", "is not one that was given out here as next_cursor", text)
	case f.Offset != 0:
		q.fault("offset", "cannot be given beside a cursor, which says itself where to go on", "")
	default:
		f.Before = &index
	}
	return total
}
