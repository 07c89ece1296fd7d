package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// client is one keep-alive HTTP/1.1 connection. It is written by hand because it shares the machine with
// the daemon: what net/http's client costs would be charged to the daemon's figure.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	head string
	buf  []byte
}

func dial(t target) (*client, error) {
	conn, err := net.Dial("tcp", t.addr)
	if err != nil {
		return nil, err
	}
	head := "POST /v1/certificates HTTP/1.1\r\nHost: " + t.addr + "\r\nAuthorization: Bearer " + t.token +
		"\r\nContent-Type: application/json\r\nContent-Length: "
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 8<<10), head: head}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// post sends one request and returns the status of its answer, whose body is read and dropped.
func (c *client) post(body []byte) (int, error) {
	c.buf = append(c.buf[:0], c.head...)
	c.buf = strconv.AppendInt(c.buf, int64(len(body)), 10)
	c.buf = append(append(c.buf, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.buf); err != nil {
		return 0, err
	}
	line, err := c.in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("answer %q is no HTTP status line", line)
	}
	status, err := strconv.Atoi(line[9:12])
	if err != nil {
		return 0, fmt.Errorf("answer %q is no HTTP status line", line)
	}
	length := -1
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		if line == "\r\n" {
			break
		}
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, fmt.Errorf("header %q", line)
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("status %d came without a Content-Length", status)
	}
	_, err = io.CopyN(io.Discard, c.in, int64(length))
	return status, err
}
