package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/api"
)

// Who may do what to whose. A column is a principal; a row is an operation on an object: own is of the person 1042 of
// the organisation acme, other is of 2000 of globex, missing is nobody's, and - where there is no object. What stands
// there is the status of the answer (of the platform's verify, its code); none is a list without anything in it.
//
// Person 1042 is "learner"; "enterprise" and "chief" are other people with the roles enterprise_admin and admin.
const accessTable = `
operation                                   object  nobody issue read status admin issue:course read@acme issue@acme revoked learner learner+issue enterprise enterprise@acme chief forged socket status@acme issue+status
POST /v1/certificates                       own     401    201   403  403    403   201          403       201        401     403     201           403        403             403   401    201    403         201
POST /v1/certificates                       other   401    201   403  403    403   201          403       403        401     403     403           403        403             403   401    201    403         201
POST /v1/certificates                       missing 401    422   403  403    403   403          403       422        401     403     422           403        403             403   401    422    403         422
POST /v1/certificates/bulk                  own     401    201   403  403    403   201          403       201        401     403     201           403        403             403   401    201    403         201
POST /v1/certificates/bulk                  other   401    201   403  403    403   201          403       403        401     403     403           403        403             403   401    201    403         201
POST /v1/certificates/bulk                  missing 401    422   403  403    403   403          403       422        401     403     422           403        403             403   401    422    403         422
GET /v1/certificates                        own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /v1/certificates                        other   401    403   200  403    403   403          none      403        401     none    none          200        none            200   401    200    403         403
GET /v1/certificates                        missing 401    403   none 403    403   403          none      403        401     none    none          none       none            none  401    none   403         403
GET /v1/certificates/{number}               own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /v1/certificates/{number}               other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /v1/certificates/{number}               missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /v1/certificates/{number}/image         own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /v1/certificates/{number}/image         other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /v1/certificates/{number}/image         missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /v1/certificates/{number}/pdf           own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /v1/certificates/{number}/pdf           other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /v1/certificates/{number}/pdf           missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /v1/certificates/{number}/credential    own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /v1/certificates/{number}/credential    other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /v1/certificates/{number}/credential    missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
POST /v1/certificates/{number}/status       own     401    403   403  200    403   403          403       403        401     403     403           403        403             403   401    200    200         200
POST /v1/certificates/{number}/status       other   401    403   403  200    403   403          403       403        401     403     403           403        403             403   401    200    404         200
POST /v1/certificates/{number}/status       missing 401    403   403  404    403   403          403       403        401     403     403           403        403             403   401    404    404         404
POST /v1/certificates/{number}/replacement  own     401    403   403  403    403   403          403       403        401     403     403           403        403             403   401    201    403         201
POST /v1/certificates/{number}/replacement  other   401    403   403  403    403   403          403       403        401     403     403           403        403             403   401    201    403         201
POST /v1/certificates/{number}/replacement  missing 401    403   403  403    403   403          403       403        401     403     403           403        403             403   401    404    403         404
GET /v1/templates                           -       401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /api/v1/certificates/templates          -       401    200   200  200    200   200          200       200        401     200     200           200        200             200   401    200    200         200
GET /api/v1/certificates/me                 -       401    403   403  403    403   403          403       403        401     200     200           none       none            none  401    403    403         403
GET /api/v1/certificates/user/{user_id}     own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /api/v1/certificates/user/{user_id}     other   401    403   200  403    403   403          none      403        401     403     403           200        none            200   401    200    403         403
GET /api/v1/certificates/user/{user_id}     missing 401    403   none 403    403   403          none      403        401     403     403           none       none            none  401    none   403         403
GET /api/v1/certificates/{cert_id}          own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /api/v1/certificates/{cert_id}          other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /api/v1/certificates/{cert_id}          missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /api/v1/certificates/{cert_id}/image    own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /api/v1/certificates/{cert_id}/image    other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /api/v1/certificates/{cert_id}/image    missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /api/v1/certificates/{cert_id}/download own     401    403   200  403    403   403          200       403        401     200     200           200        200             200   401    200    403         403
GET /api/v1/certificates/{cert_id}/download other   401    403   200  403    403   403          404       403        401     404     404           200        404             200   401    200    403         403
GET /api/v1/certificates/{cert_id}/download missing 401    403   404  403    403   403          404       403        401     404     404           404        404             404   401    404    403         403
GET /api/v1/certificates/verify/{cert_no}   own     200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /api/v1/certificates/verify/{cert_no}   other   200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /api/v1/certificates/verify/{cert_no}   missing 404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404         404
POST /api/v1/certificates/issue/course      own     401    200   403  403    403   200          403       200        401     403     200           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/course      other   401    200   403  403    403   200          403       403        401     403     403           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/course      missing 401    200   403  403    403   200          403       200        401     403     200           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/exam        own     401    200   403  403    403   403          403       200        401     403     200           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/exam        other   401    200   403  403    403   403          403       403        401     403     403           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/exam        missing 401    200   403  403    403   403          403       200        401     403     200           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/achievement own     401    200   403  403    403   403          403       200        401     403     200           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/achievement other   401    200   403  403    403   403          403       403        401     403     403           403        403             403   401    200    403         200
POST /api/v1/certificates/issue/achievement missing 401    200   403  403    403   403          403       200        401     403     200           403        403             403   401    200    403         200
GET /livez                                  -       200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /readyz                                 -       200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /openapi.json                           -       200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /docs                                   -       200    200   200  200    200   200          200       200        200     200     200           200        200             200   200    200    200         200
GET /metrics                                -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
GET /control/health                         -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
GET /control/tokens                         -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/tokens                        -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    400    404         404
DELETE /control/tokens/{token}              -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404         404
POST /control/tokens/{token}/rotation       -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404         404
GET /control/keys                           -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/keys/rotation                 -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/keys/revocation               -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    415    404         404
POST /control/certificates/{number}/erasure own     404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/certificates/{number}/erasure missing 404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404         404
POST /control/compaction                    -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
GET /control/snapshot                       -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/check                         -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/build                         -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
POST /control/export                        -       404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404         404
`

// object is what the operations of a row are tried on.
type object struct {
	number, user, organisation, template string
	id                                   int64 // of the platform's API
}

func TestEveryPrincipalMayDoToEveryObjectWhatTheTableSaysAndNothingElse(t *testing.T) {
	h := newHouse(t)
	objects := map[string]object{
		"own":     {user: "1042", organisation: "acme", template: "course"},
		"other":   {user: "2000", organisation: "globex", template: "course"},
		"missing": {number: string(missing(t)), user: "nobody", template: "nothing", id: 1 << 40},
		"-":       {},
	}
	for name, o := range objects {
		if name == "own" || name == "other" {
			a := h.post(issueBody(o, "the one that is there"))
			o.number, o.id = string(a.receipt(t).Number), a.receipt(t).LogIndex+1
			objects[name] = o
		}
	}
	credentials := principals(t, h)
	public, socket := api.New(h.config), api.NewControl(h.config)
	var columns []string
	operations, cells := map[string]bool{}, 0
	for line := range strings.Lines(operatorTable + accessTable) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if head, ok := strings.CutPrefix(line, "operation "); ok {
			columns = strings.Fields(head)[1:]
			continue
		}
		f := strings.Fields(line)
		operation, o := f[0]+" "+f[1], f[2]
		if len(f) != 3+len(columns) {
			t.Fatalf("%s %s: %d cells for %d principals", operation, o, len(f)-3, len(columns))
		}
		operations[operation] = true
		for i, column := range columns {
			subject := objects[o]
			if strings.HasPrefix(operation, "POST ") && strings.HasSuffix(operation, "/certificates/{number}/replacement") && o != "missing" { // each can be replaced once
				subject.number = string(h.post(issueBody(subject, "to be replaced by "+operation[:10]+column)).receipt(t).Number)
			}
			handler := public
			if column == "socket" {
				handler = socket
			} else if credentials[column] == "" && column != "nobody" {
				t.Fatalf("nobody is %s", column)
			}
			occasion := fmt.Sprint(column, " ", o)
			if strings.Contains(operation, " /admin") {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, onPages(t, public, operation, subject, occasion, credentials[column]))
				if got := outcomeOnPages(operation, w); got != f[3+i] {
					t.Errorf("%s, %s, by %s: %s, want %s: %.300s", operation, o, column, got, f[3+i], w.Body)
				}
				cells++
				continue
			}
			r := requestFor(t, operation, subject, occasion)
			if c := credentials[column]; column != "socket" && c != "" {
				r.Header.Set("Authorization", "Bearer "+c)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if err := api.CheckReply(r.Method, r.URL.Path, w.Code, w.Header(), w.Body.Bytes()); err != nil && column != "socket" {
				t.Errorf("%s: %v", column, err)
			}
			if got := outcome(t, operation, w); got != f[3+i] {
				t.Errorf("%s, %s, by %s: %s, want %s: %.300s", operation, o, column, got, f[3+i], w.Body)
			}
			cells++
		}
	}
	for _, operation := range api.Operations() {
		if !operations[operation] {
			t.Errorf("%s has no row", operation)
		}
		delete(operations, operation)
	}
	for operation := range operations {
		t.Errorf("%s has a row and is no operation", operation)
	}
	t.Logf("%d cells", cells)
}

// missing is a number that was never given out.
func missing(t *testing.T) credential.Number {
	n, err := credential.NewNumber(bytes.NewReader(make([]byte, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// principals returns what each principal of the table carries.
func principals(t *testing.T, h *house) map[string]string {
	all := map[string]string{
		"learner":         signIn(t, "1042", "role", "learner", "org", "acme", "scope", "openid read"),
		"learner+issue":   signIn(t, "1042", "role", "learner", "org", "acme", "scope", "issue"),
		"enterprise":      signIn(t, "3000", "role", "enterprise_admin"),
		"enterprise@acme": signIn(t, "3000", "role", "enterprise_admin", "org", "acme"),
		"chief":           signIn(t, "4000", "role", "admin", "org", "hq"),
		"forged":          signIn(t, "1042", "role", "admin") + "A",
	}
	for _, column := range []string{"issue", "read", "status", "admin", "issue:course", "read@acme", "issue@acme", "revoked", "status@acme", "issue+status"} {
		scope, organisation, _ := strings.Cut(column, "@")
		if column == "revoked" {
			scope = "read"
		}
		secret, token, err := api.NewToken("table "+column, strings.Split(scope, "+"), organisation, time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.issuer.CreateToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		all[column] = secret
	}
	if err := h.issuer.RevokeToken(t.Context(), "table revoked"); err != nil {
		t.Fatal(err)
	}
	return all
}

func issueBody(o object, occasion string) string {
	body, _ := json.Marshal(map[string]any{
		"template": o.template, "recipient": map[string]string{"id": o.user, "name": "样例"}, "achievement": map[string]string{"id": "C-1", "name": "样例"},
		"result": map[string]int{"completion_rate": 100}, "organisation": o.organisation, "occasion": occasion,
	})
	return string(body)
}

// requestFor makes the request of a cell; what it issues is told apart by an occasion of its own.
func requestFor(t *testing.T, operation string, o object, occasion string) *http.Request {
	method, path, _ := strings.Cut(operation, " ")
	path = strings.NewReplacer("{number}", o.number, "{cert_no}", o.number, "{cert_id}", fmt.Sprint(o.id), "{user_id}", o.user, "{token}", "none", "{endpoint}", "none").Replace(path)
	var body, media string
	switch operation {
	case "POST /v1/certificates":
		body, media = issueBody(o, occasion), "application/json"
	case "POST /v1/certificates/bulk":
		body, media = issueBody(o, "bulk "+occasion), "application/x-ndjson"
	case "GET /v1/certificates":
		path += "?recipient=" + o.user
	case "POST /api/v1/certificates/issue/course":
		path += platformQuery(o, occasion, "course_id", "301", "course_name", "样例")
	case "POST /api/v1/certificates/issue/exam":
		path += platformQuery(o, occasion, "exam_id", "501", "exam_name", "样例", "score", "90")
	case "POST /api/v1/certificates/issue/achievement":
		path += platformQuery(o, occasion, "achievement_id", "701", "achievement_name", "样例")
	case "POST /v1/certificates/{number}/status":
		body, media = `{"status":"valid","reason":"as it is"}`, "application/json"
	case "POST /v1/certificates/{number}/replacement":
		body, media = `{"recipient":{"name":"改正"}}`, "application/json"
	case "POST /control/certificates/{number}/erasure":
		body, media = "{}", "application/json"
	case "POST /control/check":
		media = "application/x-ndjson"
	case "POST /control/tokens", "POST /control/webhooks":
		body, media = "no", "application/json"
	case "POST /control/tokens/{token}/rotation", "POST /control/webhooks/{endpoint}/rotation", "POST /control/webhooks/{endpoint}/replay":
		body, media = "{}", "application/json"
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	return r
}

func platformQuery(o object, occasion string, more ...string) string {
	q := url.Values{"user_id": {o.user}, "user_name": {"样例"}, "occasion": {"platform " + occasion}}
	if o.organisation != "" {
		q.Set("organisation", o.organisation)
	}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "?" + q.Encode()
}

// outcome is what a cell holds: the status, for a bulk that of its line, or none.
func outcome(t *testing.T, operation string, w *httptest.ResponseRecorder) string {
	if w.Code != http.StatusOK {
		return fmt.Sprint(w.Code)
	}
	switch operation {
	case "POST /v1/certificates/bulk":
		return fmt.Sprint(bulkLines(t, w.Body.Bytes())[0].Status)
	case "GET /v1/certificates":
		var list api.List
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Items) == 0 && list.Total == 0 {
			return "none"
		}
	case "GET /api/v1/certificates/me", "GET /api/v1/certificates/user/{user_id}":
		var list api.Envelope[api.PlatformList[api.PlatformCertificate]]
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Data.Items) == 0 && list.Data.Total == 0 {
			return "none"
		}
	case "GET /api/v1/certificates/verify/{cert_no}":
		var verdict api.Envelope[api.PlatformVerdict]
		if err := json.Unmarshal(w.Body.Bytes(), &verdict); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(verdict.Code)
	}
	return "200"
}

func TestAListHoldsWhatItsReaderMaySeeAndNothingElse(t *testing.T) {
	h := newHouse(t)
	for _, o := range [][2]string{{"1042", "acme"}, {"1043", "acme"}, {"2000", "globex"}, {"2001", ""}, {"3000", ""}} {
		if a := h.post(issueBody(object{user: o[0], organisation: o[1], template: "course"}, "")); a.status != 201 {
			t.Fatalf("%s", a.body)
		}
	}
	for who, tt := range map[string]struct{ token, query, want string }{
		"a learner":                           {signIn(t, "1042"), "", "1042"},
		"a learner, of another organisation":  {signIn(t, "1042"), "?organisation=globex", ""},
		"a learner with an organisation":      {signIn(t, "1042", "org", "acme"), "", "1042"},
		"who has no role that is known":       {signIn(t, "1042", "role", "superuser", "org", "acme"), "", "1042"},
		"an enterprise's administrator":       {signIn(t, "3000", "role", "enterprise_admin", "org", "acme"), "", "1043 1042"},
		"the same, of his own":                {signIn(t, "3000", "role", "enterprise_admin", "org", "acme"), "?recipient=3000", "3000"},
		"the same, of another's":              {signIn(t, "3000", "role", "enterprise_admin", "org", "acme"), "?organisation=globex", ""},
		"an administrator of no organisation": {signIn(t, "3000", "role", "enterprise_admin"), "?organisation=acme", "1043 1042"},
		"an administrator":                    {signIn(t, "3000", "role", "admin"), "", "3000 2001 2000 1043 1042"},
	} {
		a := h.do("GET", "/v1/certificates"+tt.query, "", "Authorization", "Bearer "+tt.token)
		var list api.List
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 {
			t.Fatalf("%s: status %d: %s", who, a.status, a.body)
		}
		var seen []string
		for _, r := range list.Items {
			seen = append(seen, r.Recipient.ID)
		}
		if got := strings.Join(seen, " "); got != tt.want || list.Total != len(seen) {
			t.Errorf("%s: %q of %d, want %q", who, got, list.Total, tt.want)
		}
	}
}

func TestATokenOfAnOrganisationLearnsNothingOfOthersByIssuing(t *testing.T) {
	h := newHouse(t)
	secret, token, err := api.NewToken("acme", []string{"issue", "read"}, "acme", time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.issuer.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	theirs := h.post(issueBody(object{user: "2000", organisation: "globex", template: "course"}, "")).receipt(t)
	a := h.do("POST", "/v1/certificates", issueBody(object{user: "2000", template: "course"}, ""), "Authorization", "Bearer "+secret)
	if a.status != 409 || strings.Contains(string(a.body), string(theirs.Number)) {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	a = h.do("POST", "/v1/certificates", issueBody(object{user: "2001", template: "course"}, ""), "Authorization", "Bearer "+secret)
	if got := a.receipt(t); got.Organisation != "acme" {
		t.Errorf("its own is filed under %q", got.Organisation)
	}
}

func TestABadTokenIsNotTriedForEver(t *testing.T) {
	h := newHouse(t, func(c *api.Config) { c.Limits.Failures = 5 })
	good := signIn(t, "1042")
	if a := h.do("GET", "/v1/certificates", "", "Authorization", "Bearer "+good); a.status != 200 {
		t.Fatalf("status %d", a.status)
	}
	var statuses []int
	for i := range 8 {
		token := "lrl_" + strings.Repeat("a", 40)
		if i%2 == 0 {
			token = good + "x"
		}
		a := h.do("GET", "/v1/certificates", "", "Authorization", "Bearer "+token)
		statuses = append(statuses, a.status)
		if a.status == 429 && a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	if want := []int{401, 401, 401, 401, 401, 429, 429, 429}; !slices.Equal(statuses, want) {
		t.Errorf("%v, want %v", statuses, want)
	}
	for what, token := range map[string]string{"an API token": h.tokens["read"], "a JWT seen before": good} {
		if a := h.do("GET", "/v1/certificates", "", "Authorization", "Bearer "+token); a.status != 200 {
			t.Errorf("%s that is good: status %d", what, a.status)
		}
	}
	if a := h.do("GET", "/v1/certificates", "", "Authorization", "Bearer "+signIn(t, "1043")); a.status != 429 {
		t.Errorf("a JWT that would have to be checked: status %d", a.status)
	}
}

func TestWhatIsLeftOfAQuotaStandsInTheAnswer(t *testing.T) {
	h := newHouse(t, func(c *api.Config) { c.Limits.Person = 2 })
	for i, want := range []string{`"person";r=1;t=`, `"person";r=0;t=`, `"person";r=0;t=`} {
		a := h.do("GET", "/v1/templates", "", "Authorization", "Bearer "+signIn(t, "1042"))
		if (a.status == 429) != (i == 2) || !strings.HasPrefix(a.header.Get("RateLimit"), want) || a.header.Get("RateLimit-Policy") != `"person";q=2;w=60` {
			t.Errorf("request %d: status %d, %v", i, a.status, a.header)
		}
	}
	if a := h.do("GET", "/v1/templates", "", "Authorization", "Bearer "+signIn(t, "1043")); a.status != 200 {
		t.Errorf("somebody else: status %d", a.status)
	}
	if a := h.do("GET", "/v1/templates", "", "token", "read"); a.status != 200 || a.header.Get("RateLimit") != "" {
		t.Errorf("a token without a quota: status %d", a.status)
	}
}
