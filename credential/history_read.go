package credential

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"laurel/internal/jcs"
)

// fieldReader reads the members of an object that jcs.Parse has read, and keeps the first thing that is wrong.
type fieldReader struct {
	where  string
	fields map[string]any
	err    error
}

func (r *fieldReader) fail(name, must string) {
	if r.err == nil {
		r.err = fmt.Errorf("keys.json: %w: %s%s must be %s", ErrFormat, r.where, name, must)
	}
}

// take returns a member and strikes it off.
func (r *fieldReader) take(name string) (any, bool) {
	v, ok := r.fields[name]
	delete(r.fields, name)
	return v, ok
}

func (r *fieldReader) text(name string) string {
	v, _ := r.take(name)
	s, ok := v.(string)
	if !ok || s == "" {
		r.fail(name, "a text")
	}
	return s
}

// time reads an instant in UTC with whole seconds. One that may be missing is then zero.
func (r *fieldReader) time(name string, needed bool) time.Time {
	v, ok := r.take(name)
	if !ok && !needed {
		return time.Time{}
	}
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || instant(t) != s {
		r.fail(name, "a time in UTC, 2026-03-01T02:03:04Z")
	}
	return t
}

// count reads a whole number from 0 to 2⁵³.
func (r *fieldReader) count(name string) int64 {
	v, _ := r.take(name)
	n, _ := v.(jcs.Number)
	f, err := n.Float64()
	if err != nil || f < 0 || f > 1<<53 || f != float64(int64(f)) {
		r.fail(name, "a whole number")
		return 0
	}
	return int64(f)
}

func (r *fieldReader) digest(name string, decode func(string) ([]byte, error), needed bool) (out [32]byte) {
	v, ok := r.take(name)
	if !ok && !needed {
		return out
	}
	s, _ := v.(string)
	raw, err := decode(s)
	if err != nil || len(raw) != len(out) {
		r.fail(name, "the 32 bytes of a digest")
		return out
	}
	return [32]byte(raw)
}

// end refuses members that nobody asked for: a reader that passes over what it does not know may miss a revocation.
func (r *fieldReader) end() {
	for name := range r.fields {
		r.fail(short(name), "left out: this program does not know it")
	}
}

// readHistory reads the members of a keys.json, and the method that its proof names.
func readHistory(fields map[string]any) (*History, string, error) {
	r := &fieldReader{fields: fields}
	typ, version := fmt.Sprint(fields["type"]), fmt.Sprint(fields["version"])
	if typ != historyType || version != fmt.Sprint(historyVersion) {
		return nil, "", fmt.Errorf("keys.json: %w: type %s, version %s; this program reads %s, version %d", ErrFormat, short(typ), short(version), historyType, historyVersion)
	}
	delete(fields, "type")
	delete(fields, "version")
	id, issuer := r.text("id"), r.text("issuer")
	h := &History{Base: strings.TrimSuffix(id, historyFile), Sequence: r.count("sequence"), Updated: r.time("updated", true)}
	h.Previous = r.digest("previous", hex.DecodeString, false)
	list, _ := r.take("keys")
	entries, ok := list.([]any)
	if !ok {
		r.fail("keys", "a list")
	}
	for i, e := range entries {
		h.Keys = append(h.Keys, readKey(r, i, e))
	}
	method := r.method()
	r.end()
	if r.err != nil {
		return nil, "", r.err
	}
	if did, err := DIDWeb(h.Base); err != nil || did != issuer || id != h.Base+historyFile {
		return nil, "", fmt.Errorf("keys.json: %w: its id %s is not at the address of its issuer %s", ErrFormat, short(id), short(issuer))
	}
	return h, method, h.check()
}

// method returns what the first proof names; the proof itself is checked elsewhere.
func (r *fieldReader) method() string {
	proofs, _ := r.take("proof")
	list, _ := proofs.([]any)
	if len(list) != 1 {
		r.fail("proof", "a list of one proof")
		return ""
	}
	proof, _ := list[0].(map[string]any)
	method, _ := proof["verificationMethod"].(string)
	return method
}

func readKey(parent *fieldReader, i int, v any) Key {
	fields, ok := v.(map[string]any)
	r := &fieldReader{where: fmt.Sprintf("keys[%d].", i), fields: fields}
	if !ok {
		r.fail("", "an object")
	}
	k := Key{Method: r.text("id"), Listed: r.time("listed", true), Signs: r.time("signs", false), Retired: r.time("retired", false)}
	if v, ok := r.take("revoked"); ok {
		fields, ok := v.(map[string]any)
		rr := &fieldReader{where: r.where + "revoked.", fields: fields}
		if !ok {
			rr.fail("", "an object")
		}
		k.Revoked = &Revocation{Time: rr.time("time", true), Size: rr.count("size"), Root: rr.digest("root", base64.StdEncoding.Strict().DecodeString, true)}
		rr.end()
		r.inherit(rr)
	}
	r.end()
	parent.inherit(r)
	return k
}

func (r *fieldReader) inherit(inner *fieldReader) {
	if r.err == nil {
		r.err = inner.err
	}
}
