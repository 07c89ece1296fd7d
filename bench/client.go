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
	host string // the lines after the request line
	buf  []byte
	body []byte // of the newest answer
}

func dial(t target) (*client, error) {
	conn, err := net.Dial("tcp", t.addr)
	if err != nil {
		return nil, err
	}
	return &client{
		conn: conn, in: bufio.NewReaderSize(conn, 8<<10),
		host: " HTTP/1.1\r\nHost: " + t.addr + "\r\nAuthorization: Bearer " + t.token + "\r\n",
	}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// post asks for a certificate and returns the status of the answer, whose body is kept until the next.
func (c *client) post(body []byte) (int, error) {
	c.buf = append(append(c.buf[:0], "POST /v1/certificates"...), c.host...)
	c.buf = append(c.buf, "Content-Type: application/json\r\nContent-Length: "...)
	c.buf = strconv.AppendInt(c.buf, int64(len(body)), 10)
	c.buf = append(append(c.buf, "\r\n\r\n"...), body...)
	return c.exchange()
}

// get asks for a path.
func (c *client) get(path string) (int, error) {
	c.buf = append(append(append(c.buf[:0], "GET "...), path...), c.host...)
	c.buf = append(c.buf, "\r\n"...)
	return c.exchange()
}

// exchange sends what is in buf and reads the answer.
func (c *client) exchange() (int, error) {
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
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	_, err = io.ReadFull(c.in, c.body)
	return status, err
}
