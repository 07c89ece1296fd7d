package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// refusal is an error of the platform's API.
type refusal struct {
	status  int
	message string
	detail  any // nil: the message
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func refused(status int, format string, args ...any) error {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

var noSuchCertificate = &refusal{status: http.StatusNotFound, message: "证书不存在"}

// writeRefusal answers with err in the platform's form. Problems of the rooms that both APIs share are put into its
// words; their headers go along.
func (s *service) writeRefusal(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is left to read it
	}
	out, ok := errors.AsType[*refusal](err)
	if !ok {
		p := asProblem(r, s.log, err)
		for name, values := range p.header {
			w.Header()[name] = values
		}
		out = &refusal{status: p.Status, message: platformMessage(p)}
	}
	detail := out.detail
	if detail == nil {
		detail = out.message
	}
	_ = reply(w, out.status, PlatformRefusal{Code: out.status, Message: out.message, Detail: detail})
}

// platformMessage says in the platform's words what a problem is.
func platformMessage(p *Problem) string {
	switch p.Status {
	case http.StatusUnauthorized:
		return "未登录或登录已失效，请重新登录"
	case http.StatusForbidden:
		return "没有权限执行此操作"
	case http.StatusNotFound:
		return "接口不存在"
	case http.StatusMethodNotAllowed:
		return "不支持此请求方法"
	case http.StatusConflict:
		return "该用户已获得此证书，且内容与本次请求不一致"
	case http.StatusTooManyRequests:
		return "请求过于频繁，请稍后再试"
	case http.StatusServiceUnavailable:
		return "服务暂时不可用，请稍后再试"
	case http.StatusInsufficientStorage:
		return "存储空间不足，暂时无法颁发证书"
	case http.StatusInternalServerError:
		return "服务器内部错误"
	}
	return "请求无效"
}
