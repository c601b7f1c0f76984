package rest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/internal/rest"
)

const template = "/v7/apps/{clientId}/products/{productId}/{purchaseToken}"

func TestResolveMakesEachValueOneSegment(t *testing.T) {
	for _, tc := range []struct{ base, product, want string }{
		{"https://h", "gold", "https://h/v7/apps/app/products/gold/T1"},
		{"https://h/", "gold", "https://h/v7/apps/app/products/gold/T1"},
		{"https://h:8443/pre/fix", "gold", "https://h:8443/pre/fix/v7/apps/app/products/gold/T1"},
		{"https://h", "골드", "https://h/v7/apps/app/products/%EA%B3%A8%EB%93%9C/T1"},
		{"https://h", "a/b", "https://h/v7/apps/app/products/a%2Fb/T1"},
		{"https://h", "../..", "https://h/v7/apps/app/products/..%2F../T1"},
		{"https://h", "%2e%2e", "https://h/v7/apps/app/products/%252e%252e/T1"},
		{"https://h", "a?b#c", "https://h/v7/apps/app/products/a%3Fb%23c/T1"},
		{"https://h", "@evil.example:1", "https://h/v7/apps/app/products/@evil.example%3A1/T1"},
		{"https://h", `a\b c;d`, "https://h/v7/apps/app/products/a%5Cb%20c%3Bd/T1"},
		{"https://h", "...", "https://h/v7/apps/app/products/.../T1"},
	} {
		base, err := url.Parse(tc.base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rest.Resolve(base, template, "app", tc.product, "T1")
		if err != nil || got.String() != tc.want {
			t.Errorf("%q: got %v, %v; want %s", tc.product, got, err, tc.want)
		}
	}
}

func TestResolveRefusesWhatIsNoSegment(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "h"}
	for _, value := range []string{"", ".", "..", "a\nb", "a\x00b", "\x7f", "\u0085", "\xff", "a\xed\xa0\x80"} {
		if _, err := rest.Resolve(base, template, "app", value, "T1"); err == nil || !strings.HasPrefix(err.Error(), "productId ") {
			t.Errorf("%q: %v", value, err)
		}
	}
	if _, err := rest.Resolve(base, template, "app", "p"); err == nil {
		t.Error("a missing value is accepted")
	}
	if _, err := rest.Resolve(base, template, "app", "p", "t", "x"); err == nil {
		t.Error("a value too many is accepted")
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"gold", "..", "a/../b", "%2f", "?x", "#", "골드", "\x00", "a;b", "//", "%zz"} {
		f.Add(s, "T1")
	}
	f.Fuzz(func(t *testing.T, product, token string) {
		u, err := rest.Resolve(&url.URL{Scheme: "https", Host: "h", Path: "/pre"}, template, "app", product, token)
		if err != nil {
			return
		}
		// Read it back as a server would, from the request line.
		sent, err := url.ParseRequestURI(u.RequestURI())
		if err != nil || sent.RawQuery != "" || sent.ForceQuery {
			t.Fatalf("%q: %v", u.RequestURI(), err)
		}
		segments := strings.Split(sent.EscapedPath(), "/")
		if len(segments) != 8 || u.Host != "h" {
			t.Fatalf("%q has %d segments", sent.EscapedPath(), len(segments))
		}
		for i, want := range map[int]string{1: "pre", 2: "v7", 3: "apps", 4: "app", 5: "products", 6: product, 7: token} {
			if got, err := url.PathUnescape(segments[i]); err != nil || got != want {
				t.Fatalf("segment %d is %q, want %q", i, got, want)
			}
		}
	})
}
