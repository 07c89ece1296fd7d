package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

const (
	tagCertificates = "Certificates"
	tagTemplates    = "Templates"
	tagService      = "Service"
)

// operations are the routes of the public API. The scope of each stands in access.
func (s *service) operations() []operation {
	d := describer{s.openapi.Components.Schemas}
	wait := choice("query", "wait", "Answer when every file of the certificate stands on disk, not when it is recorded.", "published")
	key := header("Idempotency-Key", "1 to 255 visible ASCII characters that stand for this request for seven days: repeated with the same body it is answered with the first receipt, with another body it is refused.")
	number := huma.Param{Name: "number", In: "path", Required: true, Description: "A certificate number, as people type it.", Example: "7F3K-9QXM-2T8W-RB5H", Schema: &huma.Schema{Type: "string"}}
	return []operation{
		{Operation: huma.Operation{
			OperationID: "issue", Method: http.MethodPost, Path: "/v1/certificates", Tags: []string{tagCertificates},
			Summary:     "Issue a certificate",
			Description: "Records a certificate durably and has it published. The same request again is answered with the first receipt: what tells requests apart is template, achievement.id, recipient.id and occasion.",
			Parameters:  parameters(wait, key),
			RequestBody: d.body("application/json", of[IssueRequest]()),
			Responses: d.responses(map[string]*huma.Response{
				"201": d.json("Recorded now.", of[issuer.Receipt]()),
				"200": d.json("It was issued before, with the same facts.", of[issuer.Receipt]()),
			}, malformed, unauthorized, forbidden, conflict, tooLarge, mediaType, tooSlow, invalid, unavailable, noSpace),
		}, handle: s.issueOne},
		{Operation: huma.Operation{
			OperationID: "issue-bulk", Method: http.MethodPost, Path: "/v1/certificates/bulk", Tags: []string{tagCertificates},
			Summary:     "Issue many certificates",
			Description: "A request a line in, a result a line out, in order and while the body is still being sent. A refused line refuses no other. The media type is application/x-ndjson; the schemas are those of one line.",
			Parameters:  parameters(wait, key),
			RequestBody: d.body("application/x-ndjson", of[IssueRequest]()),
			Responses: d.responses(map[string]*huma.Response{
				"200": d.content("A result for each line.", "application/x-ndjson", of[BulkLine]()),
			}, unauthorized, forbidden, mediaType, invalid),
		}, handle: s.bulk},
		{Operation: huma.Operation{
			OperationID: "list", Method: http.MethodGet, Path: "/v1/certificates", Tags: []string{tagCertificates},
			Summary: "List certificates, newest first",
			Parameters: parameters(
				text("query", "recipient", "The recipient's id."),
				text("query", "organisation", "The recipient's organisation."),
				choice("query", "type", "", "course", "exam", "achievement"),
				choice("query", "status", "", "valid", "suspended", "revoked", "expired"),
				text("query", "template", "A template's id."),
				integer("limit", "How many to return.", 20, 1, 100),
				integer("offset", "How many to pass over.", 0, 0, 1<<31-1),
				text("query", "cursor", "The next_cursor of the page before; it takes the place of offset."),
			),
			Responses: d.responses(map[string]*huma.Response{"200": d.json("A page of certificates.", of[List]())}, unauthorized, forbidden, invalid),
		}, handle: s.list},
		{Operation: huma.Operation{
			OperationID: "get", Method: http.MethodGet, Path: "/v1/certificates/{number}", Tags: []string{tagCertificates},
			Summary: "Read one certificate", Parameters: parameters(number),
			Responses: d.responses(map[string]*huma.Response{"200": d.json("The certificate.", of[issuer.Receipt]())}, unauthorized, forbidden, notFound),
		}, handle: s.get},
		{Operation: huma.Operation{
			OperationID: "image", Method: http.MethodGet, Path: "/v1/certificates/{number}/image", Tags: []string{tagCertificates},
			Summary: "The picture, also before it is published", Parameters: parameters(number),
			Responses: d.responses(map[string]*huma.Response{"200": d.file("The picture, with the credential inside.", "image/png")}, unauthorized, forbidden, notFound),
		}, handle: s.image},
		{Operation: huma.Operation{
			OperationID: "pdf", Method: http.MethodGet, Path: "/v1/certificates/{number}/pdf", Tags: []string{tagCertificates},
			Summary: "The PDF, also before it is published", Parameters: parameters(number),
			Responses: d.responses(map[string]*huma.Response{"200": d.file("The certificate for print, with the credential attached.", "application/pdf")}, unauthorized, forbidden, notFound),
		}, handle: s.pdf},
		{Operation: huma.Operation{
			OperationID: "credential", Method: http.MethodGet, Path: "/v1/certificates/{number}/credential", Tags: []string{tagCertificates},
			Summary: "The signed credential, also before it is published", Parameters: parameters(number),
			Responses: d.responses(map[string]*huma.Response{"200": d.file("An Open Badges 3.0 credential.", "application/json")}, unauthorized, forbidden, notFound),
		}, handle: s.credential},
		{Operation: huma.Operation{
			OperationID: "status", Method: http.MethodPost, Path: "/v1/certificates/{number}/status", Tags: []string{tagCertificates},
			Summary:     "Revoke or suspend a certificate, or end its suspension",
			Description: "Records a signed statement, its entry in the public log and the bits of the status lists together, and has them published. The same request again changes nothing and is answered 200. A revocation is final.",
			Parameters:  parameters(number, wait),
			RequestBody: d.body("application/json", of[StatusRequest]()),
			Responses: d.responses(map[string]*huma.Response{"200": d.json("What it counts for now.", of[Standing]())},
				malformed, unauthorized, forbidden, notFound, final, tooLarge, mediaType, tooSlow, invalid),
		}, handle: s.setStatus},
		{Operation: huma.Operation{
			OperationID: "replacement", Method: http.MethodPost, Path: "/v1/certificates/{number}/replacement", Tags: []string{tagCertificates},
			Summary:     "Correct a certificate: issue another in its place",
			Description: "Issues a certificate with what is to be corrected under a number of its own, and revokes the old one as superseded by it, both at once. What is left out stays as it was; the template cannot change. The same request again is answered with the first receipt.",
			Parameters:  parameters(number, wait, key),
			RequestBody: d.body("application/json", of[ReplacementRequest]()),
			Responses: d.responses(map[string]*huma.Response{
				"201": d.json("Replaced now.", of[issuer.Receipt]()),
				"200": d.json("It was replaced before, by one that says the same.", of[issuer.Receipt]()),
			}, malformed, unauthorized, forbidden, notFound, final, tooLarge, mediaType, tooSlow, invalid, noSpace),
		}, handle: s.replace},
		{Operation: huma.Operation{
			OperationID: "templates", Method: http.MethodGet, Path: "/v1/templates", Tags: []string{tagTemplates},
			Summary: "List templates", Parameters: parameters(choice("query", "type", "", "course", "exam", "achievement")),
			Responses: d.responses(map[string]*huma.Response{"200": d.json("The templates in force.", of[TemplateList]())}, unauthorized, forbidden, invalid),
		}, handle: s.templates},
		{Operation: huma.Operation{
			OperationID: "livez", Method: http.MethodGet, Path: "/livez", Tags: []string{tagService}, Security: nobody(),
			Summary: "The process answers", Responses: d.responses(map[string]*huma.Response{"200": d.json("It does.", of[State]())}),
		}, handle: s.livez},
		{Operation: huma.Operation{
			OperationID: "readyz", Method: http.MethodGet, Path: "/readyz", Tags: []string{tagService}, Security: nobody(),
			Summary: "Certificates can be issued", Responses: d.responses(map[string]*huma.Response{"200": d.json("They can.", of[State]())}, unavailable),
		}, handle: s.readyz},
	}
}
