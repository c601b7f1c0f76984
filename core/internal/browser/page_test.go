package browser_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "keep pictures of the page in this `folder`")

var looks = []look{
	{"light", 1200, "light"}, {"dark", 1200, "dark"}, {"tablet", 768, "light"},
	{"narrow-light", 360, "light"}, {"narrow-dark", 360, "dark"}, {"narrowest", 320, "light"},
}

func TestThePageLooksRight(t *testing.T) {
	loaded, explained, empty := evening(t)
	ctx := chromium(t)
	for _, page := range []struct {
		name string
		answer
	}{{"loaded", loaded}, {"explained", explained}, {"empty", empty}} {
		server := httptest.NewServer(page.answer)
		for _, l := range looks {
			t.Run(page.name+", "+l.name, func(t *testing.T) {
				tab, end := chromedp.NewContext(ctx)
				defer end()
				heard := watch(t, tab)
				see(t, tab, chromedp.Steps(l.as(), chromedp.Navigate(server.URL)))
				heard.silent(t, server.URL)
				scroll, inner := see(t, tab, chromedp.Evaluate[int]("document.documentElement.scrollWidth")), see(t, tab, chromedp.Evaluate[int]("innerWidth"))
				if scroll > inner {
					t.Errorf("the page is %d wide on a screen of %d", scroll, inner)
				}
				for _, what := range see(t, tab, chromedp.Evaluate[[]string](faintText)) {
					t.Errorf("too little contrast: %s", what)
				}
				if *shots != "" {
					picture := see(t, tab, chromedp.FullScreenshot(100))
					if err := os.WriteFile(filepath.Join(*shots, page.name+"-"+l.name+".png"), picture, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
		server.Close()
	}
}

// faintText lists the texts whose contrast is below what WCAG asks for (4.5, or 3 for large ones).
const faintText = `(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1}; };
  const light = c => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }; return .2126 * f(c.r) + .7152 * f(c.g) + .0722 * f(c.b); };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0) return c; } return {r: 255, g: 255, b: 255}; };
  const bad = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.checkVisibility() || e.closest('svg')) continue;
    const s = getComputedStyle(e), a = light(parse(s.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(s.fontSize);
    if (ratio < (size >= 24 || size >= 18.6 && s.fontWeight >= 700 ? 3 : 4.5)) bad.add(ratio.toFixed(2) + ' ' + s.color + ' ' + walk.currentNode.textContent.trim().slice(0, 40));
  }
  return [...bad];
})()`
