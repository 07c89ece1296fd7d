package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// Description is the OpenAPI document, as the tests hold replies against it.
var Description = sync.OnceValue(func() *huma.OpenAPI { return described(slog.New(slog.DiscardHandler)).openapi })

// Conforms holds a JSON document against a schema of the OpenAPI document.
func Conforms(schema string, document []byte) error {
	s, ok := Description().Components.Schemas.Map()[schema]
	if !ok {
		return fmt.Errorf("no schema %s", schema)
	}
	return conforms(s, document)
}

func conforms(s *huma.Schema, document []byte) error {
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return err
	}
	var result huma.ValidateResult
	huma.Validate(Description().Components.Schemas, s, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
	if len(result.Errors) > 0 {
		return fmt.Errorf("%v: %.500s", result.Errors, document)
	}
	return nil
}

// Described finds the operation that answers a method and path; nil for what is not in the document.
func Described(method, path string) *huma.Operation {
	var found *huma.Operation
	for template, item := range Description().Paths {
		op := item.Get
		switch method {
		case http.MethodGet:
		case http.MethodPost:
			op = item.Post
		default:
			return nil
		}
		pattern := "^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$"
		if op == nil || !regexp.MustCompile(pattern).MatchString(path) {
			continue
		}
		if found == nil || strings.Count(template, "{") < strings.Count(found.Path, "{") {
			found = op
		}
	}
	return found
}

// CheckReply holds a reply against the OpenAPI document: its status, its media type, and its form.
func CheckReply(method, path string, status int, header http.Header, body []byte) error {
	path, _, _ = strings.Cut(path, "?")
	op := Described(method, path)
	if op == nil || status == http.StatusRequestHeaderFieldsTooLarge { // which net/http says before anybody of ours is asked
		return nil
	}
	response, ok := op.Responses[strconv.Itoa(status)]
	if !ok {
		return fmt.Errorf("%s %s answers with %d, which its description does not know: %.300s", op.Method, op.Path, status, body)
	}
	media := header.Get("Content-Type")
	content, ok := response.Content[media]
	if !ok {
		return fmt.Errorf("%s %s: status %d comes as %q", op.Method, op.Path, status, media)
	}
	documents := [][]byte{body}
	if media == "application/x-ndjson" {
		documents = slices.DeleteFunc(bytes.Split(body, []byte("\n")), func(line []byte) bool { return len(line) == 0 })
	}
	if content.Schema == nil {
		return nil
	}
	for _, d := range documents {
		if err := conforms(content.Schema, d); err != nil {
			return fmt.Errorf("%s %s: status %d: %w", op.Method, op.Path, status, err)
		}
	}
	return nil
}

// Operations lists every operation of the API and of the control socket, as "METHOD /path".
func Operations() []string { return registered(described(slog.New(slog.DiscardHandler))) }
