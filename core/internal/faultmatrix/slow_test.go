package faultmatrix_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

// hold keeps a connection until the client or the scene ends it.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// onLookups mangles look-ups only.
func onLookups(answer func(ctx context.Context, conn net.Conn, good []byte)) fm.Mangle {
	return func(ctx context.Context, conn net.Conn, r *http.Request, good []byte) bool {
		if fm.IsTokenCall(r) {
			return false
		}
		answer(ctx, conn, good)
		return true
	}
}

func drip(conn net.Conn, text []byte) {
	for i := range text {
		if _, err := conn.Write(text[i : i+1]); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestRow9ASlowAnswerHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	early := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n", 1000)
	fm.Run(t, fm.Row{Front: true, Drive: func(s *fm.Scene) {
		for _, fault := range []struct {
			what   string
			answer func(ctx context.Context, conn net.Conn, good []byte)
			want   []fm.Outcome
		}{
			{"a body byte by byte", func(_ context.Context, conn net.Conn, good []byte) {
				header, body, _ := bytes.Cut(good, []byte("\r\n\r\n"))
				_, _ = conn.Write(append(header, "\r\n\r\n"...))
				drip(conn, body)
			}, []fm.Outcome{fm.U}},
			{"headers byte by byte", func(_ context.Context, conn net.Conn, good []byte) { drip(conn, good) }, []fm.Outcome{fm.U}},
			{"100 and nothing more", func(_ context.Context, conn net.Conn, _ []byte) {
				_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
				hold(conn)
			}, []fm.Outcome{fm.U}},
			{"1,000 interim answers and nothing more", func(_ context.Context, conn net.Conn, _ []byte) {
				_, _ = io.WriteString(conn, early)
				hold(conn)
			}, []fm.Outcome{fm.U}},
			{"1,000 interim answers and the answer", func(_ context.Context, conn net.Conn, good []byte) {
				_, _ = io.WriteString(conn, early)
				_, _ = conn.Write(good)
			}, []fm.Outcome{fm.U, fm.G}},
		} {
			keys := s.Players(fm.Size(24, 100), fm.Routes...)
			s.Trouble()
			s.Front.Mangle(onLookups(fault.answer))
			s.Expect(fault.what, s.Storm(keys...), fault.want...)
			s.Healthy()
			s.Recover("after "+fault.what, keys[0], fm.Open+fm.Call)
		}
	}})
}

func TestRow10ABodyWithoutEndTakesNoMemory(t *testing.T) {
	t.Parallel()
	zeros := make([]byte, 1<<20)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range fm.Size(32, 256) {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	blanks := bytes.Repeat([]byte(" "), 64<<10)
	endless := func(conn net.Conn, framed bool) {
		for {
			var err error
			if framed {
				_, err = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(blanks), blanks)
			} else {
				_, err = conn.Write(blanks)
			}
			if err != nil {
				return
			}
		}
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"
	fm.Run(t, fm.Row{Front: true, Flags: untripped, Drive: func(s *fm.Scene) {
		for _, fault := range []struct {
			what   string
			answer func(ctx context.Context, conn net.Conn, good []byte)
		}{
			{"1 GiB before the object", func(_ context.Context, conn net.Conn, _ []byte) {
				_, _ = io.WriteString(conn, head+"Content-Length: 1073742824\r\n\r\n")
				endless(conn, false)
			}},
			{"1 GiB behind the object", func(_ context.Context, conn net.Conn, good []byte) {
				_, body, _ := bytes.Cut(good, []byte("\r\n\r\n"))
				_, _ = io.WriteString(conn, head+"Content-Length: 1073742824\r\n\r\n")
				_, _ = conn.Write(body)
				endless(conn, false)
			}},
			{"a bomb", func(_ context.Context, conn net.Conn, _ []byte) {
				_, _ = fmt.Fprintf(conn, "%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", head, bomb.Len())
				_, _ = conn.Write(bomb.Bytes())
			}},
			{"chunks without end", func(_ context.Context, conn net.Conn, _ []byte) {
				_, _ = io.WriteString(conn, head+"Transfer-Encoding: chunked\r\n\r\n")
				endless(conn, true)
			}},
		} {
			keys := s.Players(16, fm.Routes...)
			s.Trouble()
			s.Front.Mangle(onLookups(fault.answer))
			before, err := s.Host.Memory()
			if err != nil {
				s.Fatalf("%v", err)
			}
			for range 3 {
				s.Expect(fault.what, s.Storm(keys...), fm.U)
			}
			peak, err := s.Host.PeakMemory()
			if err != nil {
				s.Fatalf("%v", err)
			}
			if peak > before+16<<10 && !fm.Race {
				s.Errorf("%s: %d KiB resident at the most, %d before", fault.what, peak, before)
			}
			s.Healthy()
			s.Recover("after "+fault.what, keys[0], fm.Open+fm.Call)
		}
	}})
}
