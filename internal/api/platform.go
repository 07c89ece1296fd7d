package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

// The training platform's API is the one of the service that Laurel replaces: its routes, parameters, envelope and
// messages, before the same issuer. Its words are Chinese, as its front end shows them.
const platformBase = "/api/v1/certificates"

// Envelope is what every answer of the platform's API comes in.
type Envelope[T any] struct {
	Code    int    `json:"code" doc:"200, or the kind of failure."`
	Message string `json:"message" doc:"success, or what a person should read."`
	Data    T      `json:"data"`
}

// PlatformRefusal is how the platform's API says no: the envelope, and FastAPI's detail.
type PlatformRefusal struct {
	Code    int    `json:"code" doc:"The HTTP status."`
	Message string `json:"message" doc:"What a person should read."`
	Data    any    `json:"data" doc:"Always null."`
	Detail  any    `json:"detail" doc:"The message again; for parameters that cannot be read (422) a list of FastAPIFault."`
}

// PlatformCertificate is a certificate as the platform's front end knows it.
type PlatformCertificate struct {
	ID              int64          `json:"id" doc:"The certificate's place in the issuer's public log, counted from 1."`
	CertificateNo   string         `json:"certificate_no"`
	Title           string         `json:"title"`
	Type            string         `json:"type" enum:"course,exam,achievement"`
	TypeName        string         `json:"type_name"`
	Description     string         `json:"description"`
	IssuedAt        time.Time      `json:"issued_at"`
	ValidUntil      *time.Time     `json:"valid_until" doc:"Null without end."`
	Status          string         `json:"status" enum:"valid,suspended,revoked,expired"`
	User            PlatformUser   `json:"user"`
	CourseID        *earnedID      `json:"course_id,omitempty"`
	CourseName      string         `json:"course_name,omitempty"`
	CompletionRate  issuer.Decimal `json:"completion_rate,omitempty"`
	ExamID          *earnedID      `json:"exam_id,omitempty"`
	ExamName        string         `json:"exam_name,omitempty"`
	Score           issuer.Decimal `json:"score,omitempty"`
	MaxScore        issuer.Decimal `json:"max_score,omitempty"`
	AchievementID   string         `json:"achievement_id,omitempty"`
	AchievementName string         `json:"achievement_name,omitempty"`
	ImageURL        string         `json:"image_url" doc:"Public, once it is published; /image has it at once."`
	PDFURL          string         `json:"pdf_url"`
	VerifyURL       string         `json:"verify_url" doc:"The public page that verifies itself."`
}

// PlatformUser is a recipient.
type PlatformUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PlatformList is a part of a list.
type PlatformList[T any] struct {
	Items  []T `json:"items"`
	Total  int `json:"total"`
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
}

// PlatformTemplate is a kind of certificate.
type PlatformTemplate struct {
	ID          string `json:"id"`
	Type        string `json:"type" enum:"course,exam,achievement"`
	TypeName    string `json:"type_name"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

// PlatformVerdict is what verifying a number finds.
type PlatformVerdict struct {
	Valid         bool          `json:"valid"`
	CertificateNo string        `json:"certificate_no"`
	Status        string        `json:"status,omitempty" doc:"Of a certificate that is there."`
	Title         string        `json:"title,omitempty"`
	TypeName      string        `json:"type_name,omitempty"`
	IssuedAt      *time.Time    `json:"issued_at,omitempty"`
	User          *VerifiedUser `json:"user,omitempty"`
	ReplacedBy    string        `json:"replaced_by,omitempty" doc:"The number of the certificate that is to be relied on instead."`
}

// VerifiedUser is what everybody may know of a recipient.
type VerifiedUser struct {
	Name string `json:"name"`
}

// earnedID is the id of a course or an exam. The platform counts its own: what is a whole number is shown as one.
type earnedID string

// UnmarshalJSON reads either form.
func (id *earnedID) UnmarshalJSON(b []byte) error {
	*id = earnedID(strings.Trim(string(b), `"`))
	return nil
}

// MarshalJSON writes a number where Atoi reads the very text.
func (id earnedID) MarshalJSON() ([]byte, error) {
	if n, err := strconv.ParseInt(string(id), 10, 53); err == nil && strconv.FormatInt(n, 10) == string(id) {
		return []byte(id), nil
	}
	return strconv.AppendQuote(nil, string(id)), nil
}

// Schema describes both forms.
func (earnedID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: "integer"}, {Type: "string"}}}
}

// success answers in the envelope.
func success[T any](w http.ResponseWriter, data T) error {
	return reply(w, http.StatusOK, Envelope[T]{Code: http.StatusOK, Message: "success", Data: data})
}

// certID is the platform's id of a certificate: its place in the log, counted from 1. It stays for good and needs no
// table. It says no more than how many certificates there were before, which the public log tells everybody; and an id
// that its reader may not see is answered like one that was never given out, so counting up finds nothing.
func certID(r *issuer.Receipt) int64 { return r.LogIndex + 1 }

// platformCertificate shows a certificate as the platform's front end knows it.
func (s *service) platformCertificate(r *issuer.Receipt) PlatformCertificate {
	c := PlatformCertificate{
		ID: certID(r), CertificateNo: string(r.Number), Title: r.Title, Type: r.Type, TypeName: typeName(r.Type),
		IssuedAt: r.IssuedAt, ValidUntil: r.ExpiresAt, Status: r.Status, User: PlatformUser{r.Recipient.ID, r.Recipient.Name},
		ImageURL: r.ImageURL, PDFURL: r.PDFURL, VerifyURL: r.URL,
	}
	if t, ok := s.issuer.Templates().Certificate(r.Template); ok {
		c.Description = t.Description.Zh
	}
	id := earnedID(r.Achievement.ID)
	switch r.Type {
	case "course":
		c.CourseID, c.CourseName = &id, r.Achievement.Name
	case "exam":
		c.ExamID, c.ExamName = &id, r.Achievement.Name
	default:
		c.AchievementID, c.AchievementName = r.Achievement.ID, r.Achievement.Name
	}
	if r.Result != nil {
		c.CompletionRate, c.Score, c.MaxScore = r.Result.CompletionRate, r.Result.Score, r.Result.MaxScore
	}
	return c
}
