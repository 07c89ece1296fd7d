package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkIssueOverHTTP issues with 64 callers, each on a connection of its own: the whole path of a request
// from its first byte to the receipt, disk included.
func BenchmarkIssueOverHTTP(b *testing.B) {
	h := newHouse(b)
	addr := strings.TrimPrefix(h.url, "http://")
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		for pb.Next() {
			body := request(fmt.Sprint("load", n.Add(1)))
			fmt.Fprintf(conn, "POST /v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", h.tokens["issue"], len(body), body)
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := in.Discard(int(res.ContentLength)); err != nil || res.StatusCode != 201 {
				b.Errorf("status %d, %v", res.StatusCode, err)
				return
			}
		}
	})
}
