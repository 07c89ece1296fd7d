package api

import (
	"maps"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const tagPlatform = "Training platform"

// platformOperations are the routes of the training platform's API.
func (s *service) platformOperations() []operation {
	d := describer{s.openapi.Components.Schemas}
	kind := choice("query", "cert_type", "", "course", "exam", "achievement")
	certificate := huma.Param{Name: "cert_id", In: "path", Required: true, Schema: &huma.Schema{Type: "integer"}}
	page := parameters(kind, integer("offset", "How many to pass over.", 0, 0, 1<<31-1), integer("limit", "How many to return.", 20, 1, 100))
	must := func(p huma.Param) huma.Param { p.Required = true; return p }
	number := func(name, doc string) huma.Param {
		return huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: "number"}}
	}
	whole := func(name string) huma.Param {
		return huma.Param{Name: name, In: "query", Required: true, Schema: &huma.Schema{Type: "integer"}}
	}
	recipient := parameters(
		text("query", "user_id", "The recipient; a person who is signed in, where absent."),
		text("query", "user_name", "The recipient's name; with user_id."),
		text("query", "organisation", "The recipient's organisation."),
		text("query", "occasion", "Tells a second award of the same achievement from a repeated request."),
	)
	one := d.json("The certificate.", of[Envelope[PlatformCertificate]]())
	many := d.json("A part of the list, newest first.", of[Envelope[PlatformList[PlatformCertificate]]]())
	at := func(method, path, id, summary string, params []*huma.Param, good *huma.Response, h handler, refusals ...int) operation {
		op := huma.Operation{
			OperationID: "platform-" + id, Method: method, Path: platformBase + path, Tags: []string{tagPlatform},
			Summary: summary, Parameters: params, Responses: d.refusals(map[string]*huma.Response{"200": good}, refusals...),
		}
		return operation{Operation: op, handle: h}
	}
	file := func(op operation) operation {
		op.mount = platformBase + "/{cert_id}/{file}"
		return op
	}
	get, post := http.MethodGet, http.MethodPost
	ops := []operation{
		at(get, "/templates", "templates", "List templates", parameters(kind), d.json("The templates in force.", of[Envelope[PlatformList[PlatformTemplate]]]()), s.platformTemplates, 401, 403, 422),
		at(get, "/me", "me", "List one's own certificates", page, many, s.platformMine, 401, 403, 422),
		at(get, "/user/{user_id}", "user", "List somebody's certificates",
			append(parameters(huma.Param{Name: "user_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}), page...), many, s.platformOf, 401, 403, 422),
		at(get, "/{cert_id}", "get", "Read one certificate", parameters(certificate), one, s.platformGet, 401, 403, 404, 422),
		file(at(get, "/{cert_id}/image", "image", "The picture", parameters(certificate), d.file("The picture.", "image/png"), s.platformImage, 401, 403, 404, 422)),
		file(at(get, "/{cert_id}/download", "download", "The PDF", parameters(certificate), d.file("The PDF.", "application/pdf"), s.platformDownload, 401, 403, 404, 422)),
		at(get, "/verify/{cert_no}", "verify", "Verify a number",
			parameters(huma.Param{Name: "cert_no", In: "path", Required: true, Description: "A certificate number, as people type it.", Schema: &huma.Schema{Type: "string"}}),
			d.json("What was found; code 404 where there is no such certificate, 410 where it is revoked, suspended or expired.", of[Envelope[PlatformVerdict]]()), s.platformVerify),
		at(post, "/issue/course", "issue-course", "Issue a certificate for a course",
			append(parameters(whole("course_id"), must(text("query", "course_name", "")), number("completion_rate", "In percent; 100 where absent.")), recipient...), one, s.platformIssueCourse, 400, 401, 403, 409, 422),
		at(post, "/issue/exam", "issue-exam", "Issue a certificate for an exam",
			append(parameters(whole("exam_id"), must(text("query", "exam_name", "")), must(number("score", "")), number("max_score", "The template's where absent.")), recipient...), one, s.platformIssueExam, 400, 401, 403, 409, 422),
		at(post, "/issue/achievement", "issue-achievement", "Issue a certificate for an achievement",
			append(parameters(must(text("query", "achievement_id", "")), must(text("query", "achievement_name", ""))), recipient...), one, s.platformIssueAchievement, 400, 401, 403, 409, 422),
	}
	for i := range ops {
		if s.access[ops[i].Method+" "+ops[i].Path].open {
			ops[i].Security = nobody()
		}
	}
	return ops
}

// refusals adds the ways in which an operation of the platform's API says no.
func (d describer) refusals(good map[string]*huma.Response, statuses ...int) map[string]*huma.Response {
	all := maps.Clone(good)
	for _, status := range append(statuses, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusInsufficientStorage) {
		all[strconv.Itoa(status)] = d.json(http.StatusText(status)+".", of[PlatformRefusal]())
	}
	return all
}
