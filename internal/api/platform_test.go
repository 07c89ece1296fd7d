package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/api"
)

// frontEnd calls the platform's API as the front end of the old service does: it knows the routes, the envelope and
// the messages, and nothing of Laurel.
type frontEnd struct {
	*testing.T
	h     *house
	token string
}

// reply is the envelope. Field names are looked up as the front end writes them.
type reply struct {
	status  int
	header  map[string][]string
	raw     []byte
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    map[string]any  `json:"data"`
	Detail  json.RawMessage `json:"detail"`
}

func (f frontEnd) call(method, path string, query ...string) reply {
	f.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	var headers []string
	if f.token != "" {
		headers = []string{"Authorization", "Bearer " + f.token}
	}
	a := f.h.do(method, "/api/v1/certificates"+path, "", headers...)
	r := reply{status: a.status, header: a.header, raw: a.body}
	if a.header.Get("Content-Type") == "application/json" {
		dec := json.NewDecoder(bytes.NewReader(a.body))
		dec.UseNumber()
		if err := dec.Decode(&r); err != nil {
			f.Fatalf("%s %s: %v: %s", method, path, err, a.body)
		}
	}
	return r
}

func (f frontEnd) get(path string, query ...string) reply {
	f.Helper()
	return f.call("GET", path, query...)
}
func (f frontEnd) post(path string, query ...string) reply {
	f.Helper()
	return f.call("POST", path, query...)
}

// expect checks status, code and message, and that a refusal says them in FastAPI's form too.
func (f frontEnd) expect(what string, r reply, status, code int, message string) {
	f.Helper()
	if r.status != status || r.Code != code || r.Message != message {
		f.Errorf("%s: status %d: %s; want %d, %d, %s", what, r.status, r.raw, status, code, message)
	}
	if status >= 400 && status != 422 && string(r.Detail) != fmt.Sprintf("%q", message) {
		f.Errorf("%s: detail %s", what, r.Detail)
	}
}

func (r reply) text(path ...string) string {
	var at any = r.Data
	for _, name := range path {
		at = at.(map[string]any)[name]
	}
	return fmt.Sprint(at)
}

func (r reply) items() (all []map[string]any) {
	for _, i := range r.Data["items"].([]any) {
		all = append(all, i.(map[string]any))
	}
	return all
}

// teacher may issue; learner and manager are signed in.
func platformHouse(t *testing.T) (teacher, learner, manager frontEnd) {
	h := newHouse(t)
	teacher = frontEnd{t, h, h.tokens["issue+read"]}
	learner = frontEnd{t, h, signIn(t, "1042", "role", "learner")}
	manager = frontEnd{t, h, signIn(t, "9", "role", "enterprise_admin")}
	return teacher, learner, manager
}

func TestThePlatformsFrontEndListsReadsAndVerifiesCertificates(t *testing.T) {
	teacher, learner, manager := platformHouse(t)
	zhang := []string{"user_id", "1042", "user_name", "张伟"}
	course := teacher.post("/issue/course", append(zhang, "course_id", "301", "course_name", "安全生产基础")...)
	teacher.expect("a course", course, 200, 200, "success")
	exam := teacher.post("/issue/exam", append(zhang, "exam_id", "501", "exam_name", "安全生产知识考试", "score", "92.5")...)
	teacher.expect("an exam", exam, 200, 200, "success")
	award := teacher.post("/issue/achievement", append(zhang, "achievement_id", "A-701", "achievement_name", "年度安全讲师")...)
	teacher.expect("an achievement", award, 200, 200, "success")
	others := teacher.post("/issue/course", "user_id", "2000", "user_name", "李四", "course_id", "301", "course_name", "安全生产基础", "completion_rate", "100")

	// What the front end shows of a certificate.
	for field, want := range map[string]string{
		"title": "结业证书", "type": "course", "type_name": "课程结业证书", "valid_until": "<nil>", "status": "valid", "user": "map[id:1042 name:张伟]",
		"course_id": "301", "course_name": "安全生产基础", "completion_rate": "100", "pdf_url": course.text("verify_url") + "certificate.pdf",
	} {
		if got := course.text(field); got != want {
			t.Errorf("course: %s is %q, want %q", field, got, want)
		}
	}
	if exam.text("exam_id") != "501" || exam.text("score") != "92.5" || exam.text("exam_name") != "安全生产知识考试" || exam.text("course_id") != "<nil>" {
		t.Errorf("exam: %s", exam.raw)
	}
	if award.text("achievement_id") != "A-701" || award.text("achievement_name") != "年度安全讲师" || award.text("description") == "" {
		t.Errorf("achievement: %s", award.raw)
	}
	number := course.text("certificate_no")
	if _, err := time.Parse(time.RFC3339, course.text("issued_at")); err != nil {
		t.Error(err)
	}
	if course.text("verify_url") != "https://certs.example.org/c/"+number+"/" || !strings.HasSuffix(course.text("image_url"), number+"/certificate.png") {
		t.Errorf("addresses: %s", course.raw)
	}

	// Lists, newest first, cut into pages.
	mine := learner.get("/me")
	learner.expect("one's own", mine, 200, 200, "success")
	if items := mine.items(); len(items) != 3 || mine.text("total") != "3" || mine.text("offset") != "0" || mine.text("limit") != "20" || fmt.Sprint(items[0]["certificate_no"]) != award.text("certificate_no") {
		t.Errorf("one's own: %s", mine.raw)
	}
	if page := learner.get("/me", "offset", "1", "limit", "1"); len(page.items()) != 1 || page.text("total") != "3" || fmt.Sprint(page.items()[0]["id"]) != exam.text("id") {
		t.Errorf("a page: %s", page.raw)
	}
	if exams := learner.get("/me", "cert_type", "exam"); exams.text("total") != "1" || fmt.Sprint(exams.items()[0]["type"]) != "exam" {
		t.Errorf("filtered: %s", exams.raw)
	}
	if own := learner.get("/user/1042"); own.text("total") != "3" {
		t.Errorf("one's own by the id: %s", own.raw)
	}
	learner.expect("somebody else's", learner.get("/user/2000"), 403, 403, "无权查看其他用户的证书")
	if theirs := manager.get("/user/2000", "cert_type", "course"); theirs.text("total") != "1" {
		t.Errorf("an administrator reads: %s", theirs.raw)
	}
	kinds := learner.get("/templates", "cert_type", "exam")
	learner.expect("templates", kinds, 200, 200, "success")
	if items := kinds.items(); len(items) == 0 || items[0]["type"] != "exam" || items[0]["title"] == "" || items[0]["type_name"] != "考试合格证书" {
		t.Errorf("templates: %s", kinds.raw)
	}

	// One certificate, its picture, its PDF.
	id := course.text("id")
	detail := learner.get("/" + id)
	learner.expect("the detail", detail, 200, 200, "success")
	if detail.text("certificate_no") != number {
		t.Errorf("the detail: %s", detail.raw)
	}
	learner.expect("somebody else's detail", learner.get("/"+others.text("id")), 404, 404, "证书不存在")
	learner.expect("a detail that is not there", learner.get("/999"), 404, 404, "证书不存在")
	learner.expect("a detail that cannot be", learner.get("/0"), 404, 404, "证书不存在")
	manager.expect("an administrator's detail", manager.get("/"+others.text("id")), 200, 200, "success")
	image := learner.get("/" + id + "/image")
	if _, err := png.Decode(bytes.NewReader(image.raw)); err != nil || fmt.Sprint(image.header["Content-Disposition"]) != "[inline; filename=certificate_"+id+".png]" || image.header["Content-Type"][0] != "image/png" {
		t.Errorf("the picture: %v, %v", err, image.header)
	}
	learner.expect("somebody else's picture", learner.get("/"+others.text("id")+"/image"), 404, 404, "证书不存在")
	document := learner.get("/" + id + "/download")
	if !bytes.HasPrefix(document.raw, []byte("%PDF-")) || fmt.Sprint(document.header["Content-Disposition"]) != "[attachment; filename="+number+".pdf]" || document.header["Content-Type"][0] != "application/pdf" {
		t.Errorf("the PDF: %v", document.header)
	}
	learner.expect("somebody else's PDF", learner.get("/"+others.text("id")+"/download"), 404, 404, "证书不存在")
	learner.expect("another file", learner.get("/"+id+"/secret"), 404, 404, "接口不存在")

	// Verifying needs nobody's leave.
	passer := frontEnd{T: t, h: learner.h}
	for _, typed := range []string{number, strings.ToLower(strings.ReplaceAll(number, "-", ""))} {
		good := passer.get("/verify/" + typed)
		passer.expect("verify "+typed, good, 200, 200, "证书验证通过")
		if good.text("valid") != "true" || good.text("certificate_no") != number || good.text("title") != "结业证书" || good.text("type_name") != "课程结业证书" || good.text("user") != "map[name:张伟]" || good.text("issued_at") != course.text("issued_at") {
			t.Errorf("verify: %s", good.raw)
		}
	}
	for _, wrong := range []string{string(missing(t)), "CERT-2024-0001", "x"} {
		bad := passer.get("/verify/" + url.PathEscape(wrong))
		passer.expect("verify "+wrong, bad, 200, 404, "证书不存在或编号错误")
		if bad.text("valid") != "false" || bad.text("certificate_no") != wrong {
			t.Errorf("verify: %s", bad.raw)
		}
	}
}

func TestThePlatformsFrontEndIsToldWhyACertificateIsNotValid(t *testing.T) {
	teacher, learner, _ := platformHouse(t)
	h, passer := teacher.h, frontEnd{T: t, h: teacher.h}
	past := strings.Replace(request("4"), `{"template"`, `{"issued_at":"2020-01-01T00:00:00Z","expires_at":"2021-01-01T00:00:00Z","template"`, 1)
	for body, c := range map[string]struct{ change, status, message string }{
		request("1042"): {`{"status":"revoked","reason":"x"}`, "revoked", "证书已被撤销"},
		request("3"):    {`{"status":"suspended","reason":"x"}`, "suspended", "证书已被暂停使用"},
		past:            {"", "expired", "证书已过期"},
	} {
		number := h.post(body).receipt(t).Number
		if c.change != "" {
			h.set(number, c.change).standing(t)
		}
		r := passer.get("/verify/" + string(number))
		passer.expect(c.status, r, 200, 410, c.message)
		if r.text("valid") != "false" || r.text("status") != c.status || r.text("certificate_no") != string(number) {
			t.Errorf("%s: %s", c.status, r.raw)
		}
	}
	if mine := learner.get("/me").items(); len(mine) != 1 || mine[0]["status"] != "revoked" {
		t.Errorf("%v", mine)
	}
}

func TestThePlatformsFrontEndIssuesUnderTheRulesAlone(t *testing.T) {
	teacher, learner, _ := platformHouse(t)
	h := teacher.h
	zhang := []string{"user_id", "1042", "user_name", "张伟"}
	course := append([]string{"course_id", "301", "course_name", "安全生产基础"}, zhang...)
	exam := append([]string{"exam_id", "501", "exam_name", "安全生产知识考试"}, zhang...)
	for what, tt := range map[string]struct {
		path    string
		query   []string
		message string
	}{
		"a course that is not finished":   {"/issue/course", append(course, "completion_rate", "79.5"), "完成率未达到要求：至少需 80"},
		"more than all of it":             {"/issue/course", append(course, "completion_rate", "100.5"), "完成率不能大于 100"},
		"less than nothing":               {"/issue/course", append(course, "completion_rate", "-1"), "完成率不能为负数"},
		"an exam that was failed":         {"/issue/exam", append(exam, "score", "59.5"), "成绩未达到要求：满分 100，至少需 60"},
		"more than the highest score":     {"/issue/exam", append(exam, "score", "101"), "成绩不能超过满分 100"},
		"too exact":                       {"/issue/exam", append(exam, "score", "90.123"), "成绩最多保留两位小数"},
		"a name that is empty":            {"/issue/course", []string{"course_id", "1", "course_name", " ", "user_id", "1", "user_name", "a"}, "课程名称不能为空"},
		"a name with something invisible": {"/issue/course", []string{"course_id", "1", "course_name", "a", "user_id", "1", "user_name", "a\u200bb"}, "用户姓名含有不允许的字符（U+200B），请删除"},
		"a name no font has":              {"/issue/achievement", []string{"achievement_id", "1", "achievement_name", "a", "user_id", "1", "user_name", "\U00012000"}, "用户姓名含有证书字体中没有的字符（U+12000）"},
		"a name that is too long":         {"/issue/achievement", []string{"achievement_id", "1", "achievement_name", "a", "user_id", "1", "user_name", strings.Repeat("名", 201)}, "用户姓名共 201 个字符，最多 200 个"},
		"two things at once":              {"/issue/exam", []string{"exam_id", "1", "exam_name", "", "user_id", "1", "user_name", "a", "score", "10"}, "考试名称不能为空；成绩未达到要求：满分 100，至少需 60"},
		"a program that names nobody":     {"/issue/course", []string{"course_id", "301", "course_name", "安全生产基础"}, "使用 API 令牌颁发证书时，必须提供 user_id 和 user_name"},
		"a program that names half":       {"/issue/course", []string{"course_id", "301", "course_name", "安全生产基础", "user_id", "1042"}, "user_id 和 user_name 必须同时提供"},
	} {
		teacher.expect(what, teacher.post(tt.path, tt.query...), 400, 400, tt.message)
	}
	if h.total() != 0 {
		t.Fatalf("%d certificates for requests that were refused", h.total())
	}

	// The holes of the old service: a learner issues nothing, to nobody.
	for _, path := range []string{"/issue/course", "/issue/exam", "/issue/achievement"} {
		learner.expect("a learner", learner.post(path, course...), 403, 403, "没有权限执行此操作")
	}
	nobody := frontEnd{T: t, h: h}
	nobody.expect("nobody", nobody.post("/issue/course", course...), 401, 401, "未登录或登录已失效，请重新登录")
	nobody.expect("nobody", nobody.get("/me"), 401, 401, "未登录或登录已失效，请重新登录")
	late := frontEnd{T: t, h: h, token: signIn(t, "1042") + "x"}
	late.expect("a bad token", late.get("/1"), 401, 401, "未登录或登录已失效，请重新登录")
	teacher.expect("a program has none of its own", teacher.get("/me"), 403, 403, "没有权限执行此操作")
	teacher.expect("another method", teacher.call("DELETE", "/1"), 405, 405, "不支持此请求方法")
	teacher.expect("another address", teacher.get("/1/2/3"), 404, 404, "接口不存在")

	// Who may issue need not say for whom, and asks twice for the same thing.
	trainer := frontEnd{t, h, signIn(t, "1042", "scope", "issue")}
	first := trainer.post("/issue/course", "course_id", "301", "course_name", "安全生产基础")
	trainer.expect("to himself", first, 200, 200, "success")
	if first.text("user") != "map[id:1042 name:张伟]" || first.text("completion_rate") != "100" {
		t.Errorf("to himself: %s", first.raw)
	}
	if again := trainer.post("/issue/course", "course_id", "0301", "course_name", "安全生产基础", "completion_rate", "100.00"); again.text("certificate_no") != first.text("certificate_no") {
		t.Errorf("again: %s", again.raw)
	}
	trainer.expect("with other facts", trainer.post("/issue/course", "course_id", "301", "course_name", "安全生产基础", "completion_rate", "90"), 409, 409, "该用户已获得此证书，且内容与本次请求不一致")
	nameless := frontEnd{t, h, signIn(t, "5", "scope", "issue", "name", "")}
	nameless.expect("without a name", nameless.post("/issue/course", "course_id", "1", "course_name", "a"), 400, 400, "登录信息中没有用户姓名，请提供 user_id 和 user_name")
}

func TestParametersThatCannotBeReadAreToldInFastAPIsForm(t *testing.T) {
	teacher, learner, _ := platformHouse(t)
	for what, tt := range map[string]struct {
		who    frontEnd
		method string
		path   string
		kind   string
		loc    string
	}{
		"an id that is no number":    {learner, "GET", "/abc", "int_parsing", "[path cert_id]"},
		"the same, of a picture":     {learner, "GET", "/1.5/image", "int_parsing", "[path cert_id]"},
		"a type that is none":        {learner, "GET", "/me?cert_type=diploma", "enum", "[query cert_type]"},
		"a limit of nothing":         {learner, "GET", "/me?limit=0", "greater_than_equal", "[query limit]"},
		"a limit of too many":        {learner, "GET", "/user/1042?limit=101", "less_than_equal", "[query limit]"},
		"a negative offset":          {learner, "GET", "/me?offset=-1", "greater_than_equal", "[query offset]"},
		"an offset that is a word":   {learner, "GET", "/me?offset=x", "int_parsing", "[query offset]"},
		"a course without an id":     {teacher, "POST", "/issue/course?course_name=a&user_id=1&user_name=a", "missing", "[query course_id]"},
		"a course without a name":    {teacher, "POST", "/issue/course?course_id=1&user_id=1&user_name=a", "missing", "[query course_name]"},
		"a course with a word's id":  {teacher, "POST", "/issue/course?course_id=C-1&course_name=a&user_id=1&user_name=a", "int_parsing", "[query course_id]"},
		"an exam without a score":    {teacher, "POST", "/issue/exam?exam_id=1&exam_name=a&user_id=1&user_name=a", "missing", "[query score]"},
		"a score that is a word":     {teacher, "POST", "/issue/exam?exam_id=1&exam_name=a&score=good&user_id=1&user_name=a", "float_parsing", "[query score]"},
		"a score that is not finite": {teacher, "POST", "/issue/exam?exam_id=1&exam_name=a&score=inf&user_id=1&user_name=a", "float_parsing", "[query score]"},
	} {
		r := tt.who.call(tt.method, tt.path)
		tt.who.expect(what, r, 422, 422, "请求参数有误")
		var faults []api.FastAPIFault
		if err := json.Unmarshal(r.Detail, &faults); err != nil || len(faults) != 1 || faults[0].Type != tt.kind || fmt.Sprint(faults[0].Loc) != tt.loc || faults[0].Msg == "" {
			t.Errorf("%s: %s", what, r.Detail)
		}
	}
	if r := learner.get("/me", "unknown", "1"); r.status != 200 {
		t.Errorf("an unknown parameter: %s", r.raw)
	}
}

func TestAnExpiredCertificateIsNotVerified(t *testing.T) {
	h := newHouse(t)
	body := strings.Replace(request("1042"), `"result"`, `"issued_at":"2020-01-01T00:00:00Z","expires_at":"2021-01-01T00:00:00Z","result"`, 1)
	number := string(h.post(body).receipt(t).Number)
	f := frontEnd{T: t, h: h}
	r := f.get("/verify/" + number)
	f.expect("expired", r, 200, 410, "证书已过期")
	if r.text("valid") != "false" || r.text("certificate_no") != number || r.text("status") != "expired" {
		t.Errorf("%s", r.raw)
	}
}

func TestVerifyingIsLimitedPerAddress(t *testing.T) {
	h := newHouse(t, func(c *api.Config) { c.Limits.Verify = 2 })
	f := frontEnd{T: t, h: h}
	for range 2 {
		f.expect("at first", f.get("/verify/x"), 200, 404, "证书不存在或编号错误")
	}
	r := f.get("/verify/x")
	f.expect("then", r, 429, 429, "请求过于频繁，请稍后再试")
	if len(r.header["Retry-After"]) == 0 || !strings.HasPrefix(r.header["Ratelimit"][0], `"address";r=0;`) {
		t.Errorf("%v", r.header)
	}
}

func TestAnIdSaysNothingOfACertificateThatItsReaderMayNotSee(t *testing.T) {
	teacher, learner, _ := platformHouse(t)
	theirs := teacher.post("/issue/course", "user_id", "2000", "user_name", "李四", "course_id", "301", "course_name", "a")
	there, absent := learner.get("/"+theirs.text("id")), learner.get("/77")
	if there.status != absent.status || !bytes.Equal(there.raw, absent.raw) {
		t.Errorf("%s and %s", there.raw, absent.raw)
	}
	if _, err := credential.ParseNumber(theirs.text("certificate_no")); err != nil {
		t.Error(err)
	}
}
