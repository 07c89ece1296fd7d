package laurel

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house says which rooms a room may call: arrows point down only (ARCHITECTURE.md, Floors).
var house = map[string][]string{
	"laurel/internal/durable":    nil,
	"laurel/internal/jcs":        nil,
	"laurel/internal/control":    nil,
	"laurel/internal/pdf":        nil,
	"laurel/internal/table":      nil,
	"laurel/internal/meter":      nil,
	"laurel/internal/completion": nil,
	"laurel/templates":           nil,

	"laurel/credential":                {"laurel/internal/jcs"},
	"laurel/certlog":                   nil,
	"laurel/certlog/logtest":           {"laurel/certlog"}, // for tests alone
	"laurel/internal/durable/disktest": nil,                // for tests alone
	"laurel/internal/picture":          {"laurel/internal/pdf"},

	"laurel/internal/publish":        nil,
	"laurel/internal/publish/target": {"laurel/internal/publish", "laurel/internal/durable"},

	"laurel/site":             {"laurel/credential", "laurel/certlog", "laurel/internal/picture", "laurel/internal/publish", "laurel/internal/pdf", "laurel/templates", "laurel/internal/durable"},
	"laurel/internal/preview": {"laurel/site", "laurel/credential", "laurel/internal/picture", "laurel/templates"},
	"laurel/internal/record":  {"laurel/credential", "laurel/certlog", "laurel/internal/durable"},
	"laurel/internal/webhook": {"laurel/internal/record", "laurel/internal/meter"},

	"laurel/internal/issuer": {"laurel/internal/record", "laurel/internal/publish", "laurel/site", "laurel/credential", "laurel/certlog", "laurel/internal/picture", "laurel/templates", "laurel/internal/durable", "laurel/internal/meter"},

	"laurel/internal/admin": {"laurel/internal/issuer"},

	"laurel/internal/api": {"laurel/internal/admin", "laurel/internal/table", "laurel/templates", "laurel/internal/issuer", "laurel/internal/jcs", "laurel/internal/meter", "laurel/internal/webhook", "laurel/credential"},

	"laurel/cmd/certd":     {"laurel/credential", "laurel/internal/api", "laurel/internal/control", "laurel/internal/issuer", "laurel/internal/webhook", "laurel/internal/record", "laurel/internal/durable", "laurel/internal/completion", "laurel/internal/table", "laurel/internal/publish", "laurel/internal/publish/target", "laurel/templates"},
	"laurel/cmd/certgen":   {"laurel/internal/completion", "laurel/internal/preview", "laurel/internal/publish", "laurel/internal/publish/target", "laurel/site", "laurel/credential", "laurel/certlog", "laurel/internal/picture", "laurel/templates", "laurel/internal/control", "laurel/internal/durable"},
	"laurel/bench":         nil,
	"laurel/bench/scale":   nil,
	"laurel/bench/summary": nil,
	"laurel/bench/tree":    {"laurel/site", "laurel/credential", "laurel/certlog", "laurel/templates"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func ours(path string) bool { return strings.HasPrefix(path, "laurel/") }

func TestEveryRoomCallsOnlyTheRoomsBelowThatItMay(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "laurel" {
			continue
		}
		allowed, known := house[p.ImportPath]
		if !known {
			t.Errorf("%s has no place in the house: give it a reason in ARCHITECTURE.md and a line in this table", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if ours(imported) && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which its floor does not allow", p.ImportPath, imported)
			}
		}
	}
}

func TestTheGeneratorCannotReachTheRecords(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "laurel/cmd/certgen" && p.ImportPath != "laurel/site" {
			continue
		}
		for _, forbidden := range []string{"laurel/internal/record", "laurel/internal/issuer", "go.etcd.io/bbolt"} {
			if slices.Contains(p.Deps, forbidden) {
				t.Errorf("%s reaches %s: it could leak what it can read", p.ImportPath, forbidden)
			}
		}
	}
}

// Names that say nothing about why a room exists.
func TestNoRoomIsAStoreroom(t *testing.T) {
	for _, p := range packages(t) {
		name := p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:]
		if slices.Contains([]string{"utils", "util", "common", "models", "helpers", "config", "mock", "mocks"}, name) {
			t.Errorf("%s: name the room after its reason to exist", p.ImportPath)
		}
	}
}
