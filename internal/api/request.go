package api

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"laurel/internal/issuer"
	"laurel/internal/jcs"
)

// decodeRequest reads an issue request. Names are compared exactly: encoding/json would take "Name" for
// "name", and so read something else than the next program does. What the values may be is the issuer's
// business. digest is that of the canonical form, so that white space and order do not make another request.
func decodeRequest(data []byte) (req issuer.Request, digest [32]byte, err error) {
	tree, err := parse(data)
	if err != nil {
		return req, digest, err
	}
	var d decoder
	d.document(tree, &req)
	if len(d.faults) > 0 {
		return req, digest, invalid.faults(d.faults...)
	}
	canonical, err := jcs.Append(make([]byte, 0, len(data)), tree)
	if err != nil {
		return req, digest, malformed.problem("The body is not acceptable JSON: %v.", err)
	}
	return req, sha256.Sum256(canonical), nil
}

// decoder gathers the faults of one request.
type decoder struct{ faults []Fault }

func (d *decoder) fault(at, message string, value any) {
	d.faults = append(d.faults, Fault{Location: at, Message: message, Value: show(value)})
}

func (d *decoder) document(tree any, req *issuer.Request) {
	o := d.object(tree, "body", requestFields()...)
	if o.members == nil {
		return
	}
	req.Template = o.text("template", required)
	if p := o.object("recipient", required, "id", "name", "email"); p.members != nil {
		req.Recipient = issuer.Person{ID: p.text("id", required), Name: p.text("name", required), Email: p.text("email", optional)}
	}
	if a := o.object("achievement", required, "id", "name"); a.members != nil {
		req.Achievement = issuer.Item{ID: a.text("id", required), Name: a.text("name", required)}
	}
	if r := o.object("result", optional, "completion_rate", "score", "max_score"); r.members != nil {
		req.Result = &issuer.Result{CompletionRate: r.number("completion_rate"), Score: r.number("score"), MaxScore: r.number("max_score")}
	}
	req.Organisation = o.text("organisation", optional)
	req.Occasion = o.text("occasion", optional)
	req.IssuedAt = o.time("issued_at")
	req.ExpiresAt = o.time("expires_at")
}

func requestFields() []string {
	return []string{"template", "recipient", "achievement", "result", "organisation", "occasion", "issued_at", "expires_at"}
}

const (
	required = true
	optional = false
)

// object is a JSON object whose names have been checked.
type object struct {
	d       *decoder
	at      string
	members map[string]any
}

// object checks that v is an object with no other names than these; its members are nil where it is none.
func (d *decoder) object(v any, at string, names ...string) object {
	members, ok := v.(map[string]any)
	if !ok {
		d.fault(at, "must be an object, not "+describe(v), v)
		return object{}
	}
	known := 0
	for _, name := range names {
		if _, ok := members[name]; ok {
			known++
		}
	}
	if known < len(members) {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains(names, name) {
				d.fault(cut(at+"."+name), unknownName(name, names), nil)
			}
		}
	}
	return object{d: d, at: at, members: members}
}

func unknownName(name string, names []string) string {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	for _, n := range names {
		if plain(n) == plain(name) {
			return fmt.Sprintf("unknown field; it is written %q", n)
		}
	}
	return "unknown field; known here: " + strings.Join(names, ", ")
}

// member returns a value, or nil where it is absent or null; must makes that a fault.
func (o object) member(name string, must bool) any {
	v := o.members[name]
	if v == nil && must {
		o.d.fault(o.at+"."+name, "is missing", nil)
	}
	return v
}

func (o object) object(name string, must bool, names ...string) object {
	v := o.member(name, must)
	if v == nil {
		return object{}
	}
	return o.d.object(v, o.at+"."+name, names...)
}

func (o object) text(name string, must bool) string {
	switch v := o.member(name, must).(type) {
	case nil:
		return ""
	case string:
		return v
	case jcs.Number:
		o.d.fault(o.at+"."+name, fmt.Sprintf("must be a string: write %q in quotation marks", cut(string(v))), v)
	default:
		o.d.fault(o.at+"."+name, "must be a string, not "+describe(v), v)
	}
	return ""
}

// number keeps a number's literal: 92.5 must not come out as 92.49999999999999.
func (o object) number(name string) *string {
	switch v := o.member(name, optional).(type) {
	case nil:
	case jcs.Number:
		s := string(v)
		return &s
	default:
		o.d.fault(o.at+"."+name, "must be a number, not "+describe(v), v)
	}
	return nil
}

func (o object) time(name string) *time.Time {
	s := o.text(name, optional)
	if s == "" {
		if v, ok := o.members[name].(string); !ok || v != "" {
			return nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		o.d.fault(o.at+"."+name, "must be a time with its offset from UTC, as in 2026-03-01T02:03:04Z", s)
		return nil
	}
	return &t
}

func describe(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "true or false"
	default:
		return "a number"
	}
}

// show gives a scalar for Fault.Value; objects and lists are not mirrored.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case jcs.Number:
		return string(v)
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}
