package credential

import (
	"errors"
	"strings"
	"testing"

	"laurel/internal/jcs"
)

func siteFields() map[string]any {
	return map[string]any{
		"type": "LaurelSite", "version": 1, "id": testBase + "/site.json", "issuer": testDID, "issuerName": "示例学院", "timezone": "Asia/Shanghai",
	}
}

func TestADocumentOfOurOwnIsReadBack(t *testing.T) {
	fields := siteFields()
	doc, err := SignDocument(fields, testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) != len(siteFields()) {
		t.Errorf("signing changed the members: %v", fields)
	}
	got, err := VerifyDocument(doc, testKeys)
	if err != nil {
		t.Fatal(err)
	}
	fields["version"] = jcs.Number("1")
	for name, want := range fields {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(got) != len(fields) {
		t.Errorf("%v", got)
	}
}

func TestEveryChangedCharacterOfADocumentIsRefused(t *testing.T) {
	doc, err := SignDocument(map[string]any{
		"issuer": testDID, "list": []any{"a", "b", map[string]any{"c": "d"}}, "texts": []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"},
	}, testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	eachChangedCharacter(t, doc, func(where string, doc []byte) {
		if _, err := VerifyDocument(doc, testKeys); err == nil {
			t.Errorf("%s changed and accepted", where)
		}
	})
}

func TestVerifyDocumentRefuses(t *testing.T) {
	signedDoc, err := SignDocument(siteFields(), testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(signedDoc)
	start, end := strings.Index(doc, `,"proof":[`), strings.Index(doc, `],"timezone"`)
	proof := doc[start+len(`,"proof":[`) : end]
	for name, test := range map[string]struct {
		doc  string
		keys Keys
		want error
	}{
		"other bytes":         {" " + doc, testKeys, ErrFormat},
		"no JSON":             {"x", testKeys, ErrFormat},
		"a list":              {"[]", testKeys, ErrFormat},
		"another issuer":      {doc, NewKeys("did:web:example.com", testPublic), ErrForeign},
		"no keys":             {doc, Keys{}, ErrForeign},
		"a key not listed":    {doc, NewKeys(testDID), ErrUnknownKey},
		"no proof":            {doc[:start] + doc[end+1:], testKeys, ErrProof},
		"two proofs":          {strings.Replace(doc, proof, proof+","+proof, 1), testKeys, ErrProof},
		"an empty proof list": {strings.Replace(doc, proof, "", 1), testKeys, ErrFormat},
		"a proof of rdfc":     {strings.Replace(doc, suiteJCS, suiteRDFC, 1), testKeys, ErrProof},
		"a proof as object":   {strings.Replace(doc, "["+proof+"]", proof, 1), testKeys, ErrFormat},
	} {
		if _, err := VerifyDocument([]byte(test.doc), test.keys); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestSignDocumentRefuses(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"a proof":        func(f map[string]any) { f["proof"] = []any{} },
		"a context":      func(f map[string]any) { f["@context"] = contextVC },
		"another issuer": func(f map[string]any) { f["issuer"] = "did:web:example.com" },
		"no issuer":      func(f map[string]any) { delete(f, "issuer") },
		"a Go value":     func(f map[string]any) { f["x"] = struct{}{} },
	} {
		fields := siteFields()
		change(fields)
		if doc, err := SignDocument(fields, testKey, testMethod, testCreated); err == nil {
			t.Errorf("%s: %s", name, doc)
		}
	}
}
