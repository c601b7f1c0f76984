package gatetest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/skugate/skugate/core"
)

// answerWith answers every request alike, with JSON unless header says otherwise.
func answerWith(status int, header http.Header, body string) standIn {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return response(r, status, header, io.NopCloser(strings.NewReader(body))), nil
	}
}

func response(r *http.Request, status int, header http.Header, body io.ReadCloser) *http.Response {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, ContentLength: -1, Body: body, Request: r,
	}
}

// nonsense is everything that stands where an answer belongs and is none: of a proxy, a broken deployment, a
// broken connection. A purchase that the gate knew would go on; here it knows none.
func nonsense(c *counter) {
	page := "<html><body>" + canary + "</body></html>"
	html := http.Header{"Content-Type": {"text/html"}}
	type answer struct {
		what    string
		instead standIn
	}
	answers := []answer{
		{"nothing, with 200", answerWith(200, nil, "")},
		{"nothing, with 204", answerWith(204, nil, "")},
		{"a page, with 200", answerWith(200, html, page)},
		{"a connection that breaks", func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
		}},
		{"a connection that ends", func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
			return nil, io.ErrUnexpectedEOF
		}},
	}
	for _, body := range []string{`{}`, `null`, `[]`, `[{}]`, `0`, `true`, `"` + canary + `"`, `{"` + canary + `":1}`, `{"`} {
		answers = append(answers, answer{body + ", with 200", answerWith(200, nil, body)})
	}
	for _, status := range []int{400, 401, 403, 404, 405, 408, 410, 418, 429, 500, 501, 502, 503, 504} {
		answers = append(answers, answer{"a page, with " + http.StatusText(status), answerWith(status, html, page)})
	}
	for _, a := range answers {
		for _, p := range c.Products {
			c := c.again()
			token := c.Buy(p, buyer)
			c.tap.watch(token, a.instead)
			_, _ = c.lookup(p, token) // what the error tells; a purchase without a state is the gate's to refuse
			c = c.again()
			token = c.Buy(p, buyer)
			gate := c.gate()
			c.tap.watch(token, a.instead)
			if d := c.check(gate, p, token); d.Outcome != core.Undetermined {
				c.Errorf("%s, asked about %s: %v, %v", a.what, p.Kind, d.Outcome, d.Reason)
			}
			if _, lookups := c.tap.seen(); lookups == 0 {
				c.Fatalf("%s: no request had the token in its path, query or body", p.Kind)
			}
			c.tap.watch(token, nil)
			time.Sleep(2 * time.Minute) // past every pause
			if d := c.check(gate, p, token); d.Outcome != core.Granted {
				c.Errorf("once %s is over, %s is %v: %v, %v", a.what, p.Kind, d.Outcome, d.Reason, d.Err)
			}
		}
	}
}

// A connection that breaks in the middle, and one that ends there as if that were all.
func halves(c *counter) {
	for what, end := range map[string]error{"and an end": io.EOF, "and a broken connection": io.ErrUnexpectedEOF} {
		for _, p := range c.Products {
			c := c.again()
			token, gate := c.Buy(p, buyer), c.gate()
			c.tap.watch(token, func(r *http.Request, market func() (*http.Response, error)) (*http.Response, error) {
				res, err := market()
				if err != nil {
					return nil, err
				}
				defer res.Body.Close()
				whole, err := io.ReadAll(res.Body)
				if err != nil {
					return nil, err
				}
				half := io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), ending{end})
				return response(r, res.StatusCode, res.Header, io.NopCloser(half)), nil
			})
			if d := c.check(gate, p, token); d.Outcome != core.Undetermined {
				c.Errorf("half an answer about %s %s: %v, %v", p.Kind, what, d.Outcome, d.Reason)
			}
		}
	}
}

// ending ends a body.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) { return 0, e.err }

// enough is more than any market says of a purchase.
const enough = 16 << 20

func endless(c *counter) {
	for _, p := range c.Products {
		c := c.again()
		token, gate := c.Buy(p, buyer), c.gate()
		body := &blanks{}
		c.tap.watch(token, func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
			return response(r, 200, nil, io.NopCloser(body)), nil
		})
		if d := c.check(gate, p, token); d.Outcome != core.Undetermined {
			c.Errorf("%s: %v, %v", p.Kind, d.Outcome, d.Reason)
		}
		if body.read > enough {
			c.Errorf("%s: more than %d bytes were read of one answer", p.Kind, enough)
		}
	}
}

// blanks is a body of more blanks than should be read.
type blanks struct{ read int }

func (b *blanks) Read(p []byte) (int, error) {
	if b.read > enough {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	b.read += len(p)
	return len(p), nil
}

// What is sent to a market, the Authorization above all, is for nobody else.
func redirects(c *counter) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := c.again()
		p := c.Products[0]
		token, gate := c.Buy(p, buyer), c.gate()
		c.tap.watch(token, answerWith(status, http.Header{"Location": {"https://elsewhere.invalid/" + canary}}, canary))
		if d := c.check(gate, p, token); d.Outcome != core.Undetermined {
			c.Errorf("%d: %v, %v", status, d.Outcome, d.Reason)
		}
		sent, _ := c.tap.seen()
		for _, r := range sent {
			if r.URL.Hostname() == "elsewhere.invalid" {
				c.Errorf("%d: a request went where the answer said", status)
			}
		}
	}
}
