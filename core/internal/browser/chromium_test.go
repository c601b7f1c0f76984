package browser_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium starts a browser for the test, which it ends. A test without one is skipped, and fails where nothing is
// to be skipped.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("SKUGATE_NO_SKIP") != "" {
			t.Fatal("chromium is not on PATH")
		}
		t.Skip("chromium is not on PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true), // a container's
		chromedp.UserDataDir(t.TempDir()))
	bounded, end := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(end)
	allocated, free := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(free)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("ending the browser: %v", err)
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// witness hears what a page says and asks for.
type witness struct {
	mu       sync.Mutex
	words    []string // on the console, and refusals by policy
	requests []string
}

func watch(t *testing.T, ctx context.Context) *witness {
	t.Helper()
	w := &witness{}
	err := chromedp.Listen(ctx, func(event any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			w.words = append(w.words, "console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			w.words = append(w.words, "exception: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			w.words = append(w.words, "log: "+e.Entry.Text+" "+e.Entry.URL)
		case *network.EventRequestWillBeSent:
			w.requests = append(w.requests, e.Request.Method+" "+e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// silent checks that nothing was said, and that nothing was asked for but what begins with base.
func (w *witness) silent(t *testing.T, base string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, word := range w.words {
		if !strings.Contains(word, "/favicon.ico") { // which a browser asks for by itself
			t.Errorf("the browser complains: %s", word)
		}
	}
	if len(w.requests) == 0 {
		t.Error("nothing was asked for")
	}
	for _, r := range w.requests {
		if _, url, _ := strings.Cut(r, " "); !strings.HasPrefix(url, base) {
			t.Errorf("the page asked for %s", r)
		}
	}
}

// look is how the page is looked at.
type look struct {
	name   string
	width  int64
	scheme string // prefers-color-scheme
}

func (l look) as() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.EmulateViewport(l.width, 800),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}},
			})
			return err
		}))
}

// see runs a script in the page, or takes a picture of it.
func see[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
