package api

import (
	"regexp"
	"strings"

	"laurel/internal/issuer"
)

func typeName(kind string) string {
	switch kind {
	case "course":
		return "课程结业证书"
	case "exam":
		return "考试合格证书"
	}
	return "成就证书"
}

func statusMessage(r *issuer.Receipt) string {
	if r.ReplacedBy != "" {
		return "证书已换发，请以新证书为准"
	}
	switch r.Status {
	case "revoked":
		return "证书已被撤销"
	case "suspended":
		return "证书已被暂停使用"
	case "expired":
		return "证书已过期"
	}
	return "证书无效"
}

// fieldName says in Chinese where a fault stands.
func fieldName(kind, location string) string {
	earned := map[string]string{"course": "课程", "exam": "考试"}[kind]
	if earned == "" {
		earned = "成就"
	}
	switch strings.TrimPrefix(location, "body.") {
	case "recipient.id":
		return "用户编号"
	case "recipient.name":
		return "用户姓名"
	case "achievement.id":
		return earned + "编号"
	case "achievement.name":
		return earned + "名称"
	case "result.completion_rate":
		return "完成率"
	case "result.score":
		return "成绩"
	case "result.max_score":
		return "满分"
	case "organisation":
		return "所属机构"
	case "occasion":
		return "颁发批次"
	case "template":
		return "证书模板"
	}
	return location
}

// reasonWords put the issuer's reasons into Chinese.
var reasonWords = []struct {
	said *regexp.Regexp
	zh   string
}{
	{regexp.MustCompile(`^is below (\S+) of (\S+), which`), "未达到要求：满分 $2，至少需 $1"},
	{regexp.MustCompile(`^is below (\S+), which`), "未达到要求：至少需 $1"},
	{regexp.MustCompile(`^is over the highest score, (\S+)$`), "不能超过满分 $1"},
	{regexp.MustCompile(`^must be at most (\S+)$`), "不能大于 $1"},
	{regexp.MustCompile(`^must be greater than (\S+)$`), "必须大于 $1"},
	{regexp.MustCompile(`^must not be negative$`), "不能为负数"},
	{regexp.MustCompile(`^must have at most two decimal places$`), "最多保留两位小数"},
	{regexp.MustCompile(`^is too large$`), "数值过大"},
	{regexp.MustCompile(`^is empty$`), "不能为空"},
	{regexp.MustCompile(`^is missing`), "缺失"},
	{regexp.MustCompile(`^has (\d+) characters; (\d+) are the most$`), "共 $1 个字符，最多 $2 个"},
	{regexp.MustCompile(`^contains .* \((U\+[0-9A-F]+)\), which no font here has`), "含有证书字体中没有的字符（$1）"},
	{regexp.MustCompile(`^contains .* \((U\+[0-9A-F]+)\); leave it out$`), "含有不允许的字符（$1），请删除"},
	{regexp.MustCompile(`^contains bytes that are no UTF-8`), "不是有效的 UTF-8 文本"},
	{regexp.MustCompile(`^does not fit its place`), "过长，证书上放不下，请缩短"},
	{regexp.MustCompile(`^has (\d+) columns; the first line names (\d+)$`), "有 $1 列，而首行有 $2 列"},
	{regexp.MustCompile(`is not UTF-8; save the table`), "不是 UTF-8，请另存为“CSV UTF-8”"},
	{regexp.MustCompile(`^unknown template`), "不存在，请联系管理员"},
}

// reasons says in Chinese why a certificate is not issued.
func reasons(kind string, faults []Fault) string {
	all := make([]string, len(faults))
	for i, f := range faults {
		all[i] = fieldName(kind, f.Location) + reason(f.Message)
	}
	return strings.Join(all, "；")
}

func reason(message string) string {
	for _, w := range reasonWords {
		if m := w.said.FindStringSubmatchIndex(message); m != nil {
			return string(w.said.ExpandString(nil, w.zh, message, m))
		}
	}
	return "不符合要求（" + message + "）"
}
