package api

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/danielgtaylor/huma/v2"
)

// Conforms holds a JSON document against a schema of the OpenAPI document.
func Conforms(schema string, document []byte) error {
	schemas := described(slog.New(slog.DiscardHandler)).openapi.Components.Schemas
	s, ok := schemas.Map()[schema]
	if !ok {
		return fmt.Errorf("no schema %s", schema)
	}
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return err
	}
	var result huma.ValidateResult
	huma.Validate(schemas, s, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
	if len(result.Errors) > 0 {
		return fmt.Errorf("%s: %v", schema, result.Errors)
	}
	return nil
}

// Operations lists every operation of the API and of the control socket, as "METHOD /path".
func Operations() []string { return registered(described(slog.New(slog.DiscardHandler))) }
