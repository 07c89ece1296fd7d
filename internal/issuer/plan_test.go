package issuer

import (
	"errors"
	"strings"
	"testing"
	"time"

	"laurel/credential"
)

func TestBadRequestsAreRefusedByFieldAndNothingIsRecorded(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	now := h.clock.now()
	at := func(d time.Duration) *time.Time { x := now.Add(d); return &x }
	exam := func(score, most string) func(*Request) {
		return func(q *Request) {
			q.Template, q.Result = "exam", &Result{Score: text(score)}
			if most != "" {
				q.Result.MaxScore = text(most)
			}
		}
	}
	name := func(s string) func(*Request) { return func(q *Request) { q.Recipient.Name = s } }
	rate := func(s string) func(*Request) { return func(q *Request) { q.Result.CompletionRate = text(s) } }
	for what, c := range map[string]struct {
		change func(*Request)
		at     string // the one field that is named
		says   string
	}{
		"an unknown template":        {func(q *Request) { q.Template = "diploma" }, "template", "course"},
		"an empty name":              {name(""), "recipient.name", "empty"},
		"a name of spaces":           {name(" \u3000 "), "recipient.name", "empty"},
		"a name of 10 kB":            {name(strings.Repeat("张伟", 1700)), "recipient.name", "200"},
		"a name of 201 characters":   {name(strings.Repeat("x", 201)), "recipient.name", "200"},
		"a control character":        {name("Sam\x07ple"), "recipient.name", "control"},
		"a C1 control character":     {name("Sam\u0085ple"), "recipient.name", "control"},
		"a zero byte":                {name("Sam\x00ple"), "recipient.name", "control"},
		"a line break":               {name("Sam\nple"), "recipient.name", "line break"},
		"a line separator":           {name("Sam\u2028ple"), "recipient.name", "line break"},
		"a bidi override":            {name("Sam\u202eple"), "recipient.name", "direction"},
		"a bidi isolate":             {name("Sam\u2066ple"), "recipient.name", "direction"},
		"a right-to-left mark":       {name("Sam\u200fple"), "recipient.name", "direction"},
		"a zero-width space":         {name("Sam\u200bple"), "recipient.name", "invisible"},
		"a joiner between letters":   {name("Sam\u200dple"), "recipient.name", "joiner"},
		"a byte order mark":          {name("\ufeffSample"), "recipient.name", "invisible"},
		"a tag character":            {name("Sample\U000e0041"), "recipient.name", "invisible"},
		"a private character":        {name("Sample\ue000"), "recipient.name", "private"},
		"bytes that are no text":     {name("Sample\xff\xfe"), "recipient.name", "UTF-8"},
		"an organisation of one tab": {func(q *Request) { q.Organisation = "a\tb" }, "organisation", "control"},
		"a replacement character":    {name("Sam\ufffdple"), "recipient.name", "lost"},
		"no character":               {name("Sample\ufdd0"), "recipient.name", "no character"},
		"a letter that no font has":  {name("样\U00012000例"), "recipient.name", "U+12000"},
		"an achievement of no font":  {func(q *Request) { q.Achievement.Name = "\U00012000" }, "achievement.name", "U+12000"},
		"an empty recipient id":      {func(q *Request) { q.Recipient.ID = "" }, "recipient.id", "empty"},
		"an empty achievement id":    {func(q *Request) { q.Achievement.ID = "" }, "achievement.id", "empty"},
		"an empty achievement name":  {func(q *Request) { q.Achievement.Name = "" }, "achievement.name", "empty"},
		"a long recipient id":        {func(q *Request) { q.Recipient.ID = strings.Repeat("1", 129) }, "recipient.id", "128"},
		"an e-mail that is none":     {func(q *Request) { q.Recipient.Email = "nobody" }, "recipient.email", "e-mail"},
		"a control in the occasion":  {func(q *Request) { q.Occasion = "a\tb" }, "occasion", "control"},
		"no result for a course":     {func(q *Request) { q.Result = nil }, "result.completion_rate", "missing"},
		"a rate under the pass rule": {rate("79.99"), "result.completion_rate", "80"},
		"a rate over 100":            {rate("100.01"), "result.completion_rate", "100"},
		"a negative rate":            {rate("-1"), "result.completion_rate", "negative"},
		"a rate of three decimals":   {rate("99.999"), "result.completion_rate", "two decimal"},
		"a rate with an exponent":    {rate("1e2"), "result.completion_rate", "exponent"},
		"a huge rate":                {rate("99999999999999999999"), "result.completion_rate", "large"},
		"a score for a course":       {func(q *Request) { q.Result.Score = text("90") }, "result.score", "leave it out"},
		"a score under the rule":     {exam("59.9", "100"), "result.score", "60"},
		"a score on another scale":   {exam("80", "150"), "result.score", "90"},
		"a score over the highest":   {exam("101", ""), "result.score", "100"},
		"a score over its highest":   {exam("51", "50"), "result.score", "50"},
		"a highest score of nothing": {exam("0", "0"), "result.max_score", "greater"},
		"a rate for an exam": {func(q *Request) {
			q.Template, q.Result = "exam", &Result{Score: text("90"), CompletionRate: text("100")}
		}, "result.completion_rate", "leave it out"},
		"a result for an award":    {func(q *Request) { q.Template = "achievement" }, "result.completion_rate", "leave it out"},
		"a date in the future":     {func(q *Request) { q.IssuedAt = at(61 * time.Second) }, "issued_at", "future"},
		"a date of the year 10000": {func(q *Request) { x := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC); q.ExpiresAt = &x }, "expires_at", "years"},
		"a date before 1900":       {func(q *Request) { x := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); q.IssuedAt = &x }, "issued_at", "years"},
		"an end before the issue":  {func(q *Request) { q.IssuedAt, q.ExpiresAt = at(-time.Hour), at(-2*time.Hour) }, "expires_at", "later"},
		"an end at the issue":      {func(q *Request) { q.IssuedAt, q.ExpiresAt = at(-time.Hour), at(-time.Hour) }, "expires_at", "later"},
	} {
		req := sample(1)
		c.change(&req)
		_, _, err := r.Issue(t.Context(), req, by("", req))
		var invalid *InvalidError
		if !errors.As(err, &invalid) || !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if len(invalid.Errors) != 1 || invalid.Errors[0].Location != c.at || !strings.Contains(invalid.Errors[0].Message, c.says) {
			t.Errorf("%s: %+v; want one at %s, about %q", what, invalid.Errors, c.at, c.says)
		}
	}
	if page, err := r.List(t.Context(), Filter{Limit: 10}); err != nil || page.Total != 0 {
		t.Errorf("%d recorded, %v", page.Total, err)
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	r := newHouse(t).run(nil)
	_, _, err := r.Issue(t.Context(), Request{Template: "course", Recipient: Person{Name: "\x01"}}, Call{})
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var at []string
	for _, e := range invalid.Errors {
		at = append(at, e.Location)
	}
	if got := strings.Join(at, " "); got != "recipient.id recipient.name achievement.id achievement.name result.completion_rate" {
		t.Error(got)
	}
}

func TestGoodRequestsAreTakenAsTheyAreMeant(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	now := h.clock.now()
	for n, c := range []struct {
		what   string
		change func(*Request)
		check  func(c *credential.Credential) bool
	}{
		{"a rate at the rule", func(q *Request) { q.Result.CompletionRate = text("80.00") }, func(c *credential.Credential) bool {
			v, most := c.Result()
			return v == "80" && most == "100" && c.Required() == "80"
		}},
		{"a score of two decimals", func(q *Request) { q.Template, q.Result = "exam", &Result{Score: text("92.50")} }, func(c *credential.Credential) bool {
			v, most := c.Result()
			return v == "92.5" && most == "100" && c.Required() == "60"
		}},
		{"a score on another scale", func(q *Request) { q.Template, q.Result = "exam", &Result{Score: text("90"), MaxScore: text("150")} }, func(c *credential.Credential) bool {
			v, most := c.Result()
			return v == "90" && most == "150" && c.Required() == "90"
		}},
		{"an award", func(q *Request) { q.Template, q.Result = "achievement", nil }, func(c *credential.Credential) bool {
			v, _ := c.Result()
			return v == "" && c.Kind() == "achievement"
		}},
		{"a clock a minute ahead", func(q *Request) { x := now.Add(time.Minute); q.IssuedAt = &x }, func(c *credential.Credential) bool {
			return c.ValidFrom == "2026-03-01T10:04:04+08:00"
		}},
		{"a date shown in the issuer's zone", func(q *Request) {
			x, y := time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
			q.IssuedAt, q.ExpiresAt = &x, &y
		}, func(c *credential.Credential) bool { return c.Issued() == "2026-01-01" && c.Expires() == "2028-01-01" }},
		{"a name that was decomposed", func(q *Request) { q.Recipient.Name = "Zoe\u0308 Example" }, func(c *credential.Credential) bool {
			return c.Recipient() == "Zoë Example"
		}},
		{"rare characters of the standard list", func(q *Request) { q.Recipient.Name = "李䶮" }, func(c *credential.Credential) bool { return c.Recipient() == "李䶮" }},
		{"beyond the basic plane", func(q *Request) { q.Recipient.Name = "陈𬱖" }, func(c *credential.Credential) bool { return c.Recipient() == "陈𬱖" }},
		{"HTML is text", func(q *Request) { q.Recipient.Name = "<b>Sample</b>" }, func(c *credential.Credential) bool { return c.Recipient() == "<b>Sample</b>" }},
	} {
		req := sample(n)
		c.change(&req)
		got := r.issue(req, by("", req))
		doc, err := r.Credential(t.Context(), got.Number)
		if err != nil {
			t.Fatal(err)
		}
		cred, err := credential.Decode(doc)
		if err != nil || !c.check(cred) {
			t.Errorf("%s: %s, %v", c.what, doc, err)
		}
	}
}

func TestJoinersStandOnlyWhereTheirScriptsNeedThem(t *testing.T) {
	for s, good := range map[string]bool{
		"می\u200cخواهم": true, // Persian
		"क्\u200dष":     true, // Devanagari
		"A\u200cB":      false,
		"\u200cمی":      false,
		"می\u200c":      false,
		"张\u200d伟":      false,
	} {
		if clean, why := cleanText(s, maxName); (why == "") != good || good && clean != s {
			t.Errorf("%q: %q, %q", s, clean, why)
		}
	}
}

func TestDecimalsAreReadAsWrittenAndShownShortest(t *testing.T) {
	for s, want := range map[string]string{
		"0": "0", "100": "100", "92.5": "92.5", "92.50": "92.5", "0.01": "0.01", "7.00": "7", "100.000": "100", "999999999.99": "999999999.99",
	} {
		if n, why := parseDecimal(s); why != "" || n.String() != want {
			t.Errorf("%s: %s, %q", s, n, why)
		}
	}
	for _, s := range []string{"-1", "-0", "1e2", "1E2", "0.001", "1000000000"} {
		if n, why := parseDecimal(s); why == "" {
			t.Errorf("%s was read as %s", s, n)
		}
	}
	for _, c := range []struct{ pass, scale, other, want string }{
		{"60", "100", "100", "60"}, {"60", "100", "150", "90"}, {"60", "100", "33", "19.8"}, {"50", "90", "100", "55.56"}, {"60", "", "50", "60"},
	} {
		pass, _ := parseDecimal(c.pass)
		scale, _ := parseDecimal(c.scale)
		other, _ := parseDecimal(c.other)
		if got := pass.scaled(scale, other).String(); got != c.want {
			t.Errorf("%s of %s is %s of %s, not %s", c.pass, c.scale, got, c.other, c.want)
		}
	}
}
