package bench

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// message is the head of a request up to where the length of its body is
// written; with no body, all of it.
type message struct {
	head []byte
	body bool
}

// get is a request without a body.
func get(path string, headers ...[2]string) message {
	m := post("GET", path, headers...)
	m.head = append(bytes.TrimSuffix(m.head, []byte("Content-Length: ")), "\r\n"...)
	m.body = false
	return m
}

// post is a request with one.
func post(method, path string, headers ...[2]string) message {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: demarc.bench\r\n", method, path)
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("Content-Length: ")
	return message{b.Bytes(), true}
}

// with appends the whole request to b. The body is given in parts, so that one
// that differs in an id only need not be put together first.
func (m message) with(b []byte, parts ...string) []byte {
	b = append(b, m.head...)
	if !m.body {
		return b
	}
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, "\r\n\r\n"...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// wire is one persistent connection.
type wire struct {
	conn net.Conn
	buf  []byte
	end  int // how much of buf has been read
	next int // where the next answer begins
}

var (
	headEnd       = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
	errWire       = errors.New("bench: an answer that the load's reader does not understand")
)

// ask sends a request and reads its answer. The body is good until the next call.
// The reader knows as much of HTTP/1.1 as the servers here need: a status line and
// a Content-Length.
func (w *wire) ask(request []byte) (status int, body []byte, err error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	w.end = copy(w.buf, w.buf[w.next:w.end])
	w.next = 0
	at := -1
	for at < 0 {
		if err := w.fill(); err != nil {
			return 0, nil, err
		}
		at = bytes.Index(w.buf[:w.end], headEnd)
	}
	head := w.buf[:at+2]
	if len(head) < 13 || !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) {
		return 0, nil, errWire
	}
	if status, err = strconv.Atoi(string(head[9:12])); err != nil {
		return 0, nil, errWire
	}
	length, err := lengthOf(head)
	if err != nil {
		return 0, nil, err
	}
	from := at + len(headEnd)
	for w.end < from+length {
		if err := w.fill(); err != nil {
			return 0, nil, err
		}
	}
	w.next = from + length
	return status, w.buf[from:w.next], nil
}

// lengthOf reads the header as net/http writes it.
func lengthOf(head []byte) (int, error) {
	_, digits, ok := bytes.Cut(head, contentLength)
	if !ok {
		return 0, errWire
	}
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n, nil
}

func (w *wire) fill() error {
	if w.end == len(w.buf) {
		w.buf = append(w.buf, make([]byte, len(w.buf)+4096)...)
	}
	n, err := w.conn.Read(w.buf[w.end:])
	w.end += n
	if n > 0 {
		return nil
	}
	return err
}
