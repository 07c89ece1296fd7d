package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

// IssueRequest describes the body of an issue request. It is read by decodeRequest, never by encoding/json.
type IssueRequest struct {
	_            struct{}        `additionalProperties:"false"`
	Template     string          `json:"template" doc:"A template's id." example:"course"`
	Recipient    RecipientFacts  `json:"recipient"`
	Achievement  AchievementName `json:"achievement" doc:"The course, the exam, the award."`
	Result       *ResultFacts    `json:"result,omitempty" doc:"What was reached; absent for templates of the type achievement."`
	Organisation string          `json:"organisation,omitempty" doc:"The recipient's: its administrators may read the record. A token of an organisation issues for that one. Never public."`
	Occasion     string          `json:"occasion,omitempty" doc:"Tells a second award of the same achievement to the same person from a repeated request." example:"2026-spring"`
	IssuedAt     string          `json:"issued_at,omitempty" format:"date-time" doc:"When it was earned; now where absent. At most 60 s in the future."`
	ExpiresAt    string          `json:"expires_at,omitempty" format:"date-time" doc:"When it ends; where absent the template's validity decides."`
}

// RecipientFacts describes who gets the certificate.
type RecipientFacts struct {
	_     struct{} `additionalProperties:"false"`
	ID    string   `json:"id" doc:"Your id of the person. Never public." example:"1042"`
	Name  string   `json:"name" doc:"As it stands on the certificate." example:"张伟"`
	Email string   `json:"email,omitempty" doc:"Never public."`
}

// AchievementName describes what was earned.
type AchievementName struct {
	_    struct{} `additionalProperties:"false"`
	ID   string   `json:"id" doc:"Your id of it. Public, as part of an address." example:"C-301"`
	Name string   `json:"name" doc:"As it stands on the certificate." example:"安全生产基础"`
}

// ResultFacts describes what was reached. Numbers have at most two decimals.
type ResultFacts struct {
	_              struct{} `additionalProperties:"false"`
	CompletionRate *float64 `json:"completion_rate,omitempty" minimum:"0" maximum:"100" doc:"Of a course, in percent." example:"100"`
	Score          *float64 `json:"score,omitempty" minimum:"0" doc:"Of an exam."`
	MaxScore       *float64 `json:"max_score,omitempty" doc:"Of an exam; the template's where absent."`
}

// describeAPI starts the OpenAPI document.
func describeAPI() *huma.OpenAPI {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(of[issuer.Decimal](), of[float64]()) // a JSON number, whose text is kept
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:       "Laurel",
			Version:     "1",
			Description: "Issues certificates and publishes each one as static files that anybody can verify. Times are RFC 3339. Errors are RFC 9457 problem documents.",
		},
		Components: &huma.Components{
			Schemas: schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: "An API token of certd token create, " + TokenPrefix + "…. Each operation names the scope it needs."},
			},
		},
		Security: []map[string][]string{{"token": {}}},
	}
}

// describer builds the parts of operation descriptions; schemas of Go types go into its registry.
type describer struct{ schemas huma.Registry }

func of[T any]() reflect.Type { return reflect.TypeFor[T]() }

func (d describer) content(text, media string, t reflect.Type) *huma.Response {
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{media: {Schema: d.schemas.Schema(t, true, "")}}}
}

func (d describer) json(text string, t reflect.Type) *huma.Response {
	return d.content(text, "application/json", t)
}

func (d describer) file(text, media string) *huma.Response {
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{media: {}}}
}

func (d describer) body(media string, t reflect.Type) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{media: {Schema: d.schemas.Schema(t, true, "")}}}
}

// responses adds the problems that an operation may answer with. Two kinds may share a status.
func (d describer) responses(good map[string]*huma.Response, problems ...kind) map[string]*huma.Response {
	all := maps.Clone(good)
	if all == nil {
		all = map[string]*huma.Response{}
	}
	for _, k := range append(problems, tooMany, internal, unavailable) {
		all[strconv.Itoa(k.status)] = d.content(k.title+".", "application/problem+json", of[Problem]())
	}
	return all
}

func parameters(list ...huma.Param) []*huma.Param {
	all := make([]*huma.Param, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}

func text(in, name, doc string) huma.Param {
	return huma.Param{Name: name, In: in, Description: doc, Schema: &huma.Schema{Type: "string"}}
}

func header(name, doc string) huma.Param { return text("header", name, doc) }

func choice(in, name, doc string, choices ...string) huma.Param {
	p := text(in, name, doc)
	for _, c := range choices {
		p.Schema.Enum = append(p.Schema.Enum, c)
	}
	return p
}

// integer describes a query parameter from least to most; most = 0 is no bound.
func integer(name, doc string, otherwise, least, most int) huma.Param {
	low, high := float64(least), float64(most)
	p := huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: "integer", Default: otherwise, Minimum: &low}}
	if most > 0 {
		p.Schema.Maximum = &high
	}
	return p
}

// nobody says that an operation needs no token.
func nobody() []map[string][]string { return []map[string][]string{{}} }

// documentation are the routes that describe the others; register them last.
func (s *service) documentation() []operation {
	s.nameScopes()
	document, err := json.Marshal(s.openapi)
	if err != nil {
		panic("the OpenAPI document cannot be written: " + err.Error())
	}
	page, err := newDocs(s.openapi)
	if err != nil {
		panic("/docs cannot be written: " + err.Error())
	}
	return []operation{
		{Operation: huma.Operation{Method: http.MethodGet, Path: "/openapi.json", Hidden: true}, handle: func(w http.ResponseWriter, _ *http.Request, _ principal) error {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(document)
			return nil
		}},
		{Operation: huma.Operation{Method: http.MethodGet, Path: "/docs", Hidden: true}, handle: page.serve},
	}
}

// nameScopes writes into each operation which scope it needs.
func (s *service) nameScopes() {
	for path, item := range s.openapi.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op == nil {
				continue
			}
			if need := s.access[op.Method+" "+path]; !need.open {
				op.Description = strings.TrimSpace(op.Description + " " + need.words())
				op.Security = []map[string][]string{{"token": {}}}
			}
		}
	}
}

// sortedKeys is for documents that must not depend on map order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
