package faultmatrix_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// request is a request in its bytes, with these header lines.
func request(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: game\r\n" + strings.Join(lines, "\r\n") + "\r\nConnection: close\r\n\r\n"
}

// wellFormed is what a token of ONE store may look like.
var wellFormed = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func hostileTokens(real string) []string {
	var tokens []string
	for _, s := range []string{
		".", "..", "...", "/", "//", "/..", "../", "..%2f", "%2e%2e", "%252e%252e", "%c0%ae%c0%ae", "%2f", "%252f", "%5c", "\\",
		";", ";x=y", "?", "?a=b", "#", "#frag", "&", "=", ",", ", ", ":", "@host", "user@host", "http://host/", "//host/", "file:///etc/passwd",
		"\x00", "\x01", "\t", "\x0b", "\x1b[31m", "\x7f", "\x80", "\xff", "\xc0\xae", "\xed\xa0\x80", "é", "漢字", "\u202e", "\u200b", "\ufeff", "😀",
		"%00", "%0a", "%0d%0a", "%n", "%s%s", "${jndi:ldap://h/}", "' OR '1'='1", `"`, "'", "<", "<script>", "{}", "[]", "|", "`id`", "$(id)", "*", "+", "~", "!", "^",
		"null", "undefined", "-", "_", "--", "0", "00000000000000000000", "SANDBOX3000000000000", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat(".", 64),
	} {
		tokens = append(tokens, s, s+real, real+s, real[:7]+s+real[7:], s+s)
	}
	return tokens
}

func TestRow44AHostileTokenReachesNoStore(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Apart: true, Drive: func(s *fm.Scene) {
		s.Loose() // a server refuses some of them itself
		k := s.Buy(fm.VIP, fm.Player(0))
		s.Warm(k)
		s.ResetLog()
		met := map[string]bool{}
		for i, token := range hostileTokens(k.Token) {
			calls := s.LookupCalls()
			trimmed := strings.Trim(token, " \t")
			if met[trimmed] {
				continue // a no is remembered
			}
			met[trimmed] = true
			asked := fm.Key{Route: fm.VIP, Token: trimmed, Account: fm.Player(i)}
			checks := s.Raw(request("/sub/vip", "X-Purchase-Token: "+token, "X-Account: "+asked.Account), asked)
			if trimmed == k.Token || !wellFormed.MatchString(trimmed) || trimmed == "." || trimmed == ".." {
				if trimmed == k.Token { // blanks around a value are not of it, and it is somebody else's
					s.Expect("the owner's token", checks, fm.D)
				} else {
					s.Expect(fmt.Sprintf("%q", token), checks, fm.B)
				}
				if n := s.LookupCalls() - calls; n != 0 && trimmed != k.Token {
					s.Errorf("%q: %d store calls", token, n)
				}
				continue
			}
			s.Expect(fmt.Sprintf("the harmless %q", token), checks, fm.D, fm.B) // the store refuses those longer than 20
			all := s.Sim.Requests()
			want := "/v7/apps/" + s.Sim.ClientID() + "/purchases/subscription/products/vip/" + trimmed
			if s.LookupCalls() != calls+1 || all[len(all)-1].Path != want {
				s.Errorf("%q: %d store calls, the last one to %q", token, s.LookupCalls()-calls, all[len(all)-1].Path)
			}
		}
	}})
}

func TestRow45SeveralValuesAreNone(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Apart: true, Drive: func(s *fm.Scene) {
		s.Loose()
		k, other := s.Buy(fm.VIP, fm.Player(0)), s.Buy(fm.VIP, fm.Player(0))
		s.Warm(k, other)
		mine, account := "X-Purchase-Token: "+k.Token, "X-Account: "+k.Account
		for _, test := range []struct {
			what  string
			lines []string
			want  []fm.Outcome
		}{
			{"one of each", []string{mine, account}, []fm.Outcome{fm.G}},
			{"another spelling", []string{"x-pUrChAsE-tOkEn: " + k.Token, "x-account: " + k.Account}, []fm.Outcome{fm.G}},
			{"blanks around it", []string{"X-Purchase-Token: \t " + k.Token + " \t", account}, []fm.Outcome{fm.G}},
			{"the same twice", []string{mine, mine, account}, []fm.Outcome{fm.B}},
			{"two tokens", []string{mine, "X-Purchase-Token: " + other.Token, account}, []fm.Outcome{fm.B}},
			{"two spellings", []string{mine, "x-purchase-token: " + other.Token, account}, []fm.Outcome{fm.B}},
			{"an empty one before", []string{"X-Purchase-Token:", mine, account}, []fm.Outcome{fm.B}},
			{"an empty one behind", []string{mine, "X-Purchase-Token:", account}, []fm.Outcome{fm.B}},
			{"joined by a comma", []string{mine + "," + other.Token, account}, []fm.Outcome{fm.B}},
			{"a blank before the colon", []string{"X-Purchase-Token : " + k.Token, account}, []fm.Outcome{fm.B}},
			{"underscores", []string{"X_Purchase_Token: " + k.Token, account}, []fm.Outcome{fm.B}},
			{"0xFF inside", []string{mine + "\xff", account}, []fm.Outcome{fm.B}},
			{"a line folded", []string{"X-Purchase-Token:", " " + k.Token, account}, []fm.Outcome{fm.B, fm.G}}, // G only for the very token
			{"two accounts", []string{mine, account, "X-Account: " + fm.Player(1)}, []fm.Outcome{fm.N}},
			{"two accounts, the other way round", []string{mine, "X-Account: " + fm.Player(1), account}, []fm.Outcome{fm.N}},
			{"no account", []string{mine}, []fm.Outcome{fm.N}},
			{"nothing", nil, []fm.Outcome{fm.B}},
		} {
			calls := s.LookupCalls()
			s.Expect(test.what, s.Raw(request("/sub/vip", test.lines...), k), test.want...)
			if n := s.LookupCalls() - calls; n > 1 || n > 0 && test.want[0] != fm.G {
				s.Errorf("%s: %d store calls", test.what, n)
			}
		}
	}})
}

func TestRow46APurchaseOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"require", "record", "off"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fm.Row{Flags: []string{"-binding", policy}, Exact: true, Drive: func(s *fm.Scene) { foreign(s, policy) }})
		})
	}
	t.Run("off, counted as what it would refuse", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Flags: []string{"-binding", "off"}, Drive: func(s *fm.Scene) {
			k := s.BuyUnlabelled(fm.VIP, fm.Player(0))
			s.Warm(k, k.As(fm.Player(1)))
			m, err := s.Host.Metrics()
			if err != nil || m.Sum("skugate_would_refuse_total") == 0 {
				s.Errorf("nobody counts what binding would have refused (%v)", err)
			}
		}})
	})
}

func foreign(s *fm.Scene, policy string) {
	s.Warm(s.Buy(fm.Skin, fm.Player(-1)))
	stranger := s.Get(fm.Key{Route: fm.VIP, Token: fm.Stranger(1), Account: fm.Player(-2)})
	s.Expect("a token of nobody", []fm.Check{stranger}, fm.D)
	refused := func(when string, k fm.Key) {
		c := s.Get(k)
		s.Expect(when, []fm.Check{c}, fm.D)
		if c.Body != stranger.Body {
			s.Errorf("%s: the answer tells that the purchase exists: %s", when, c.Body)
		}
	}
	owners := fm.Size(10, 100)
	for i := range owners {
		labelled := s.Buy(fm.VIP, fm.Player(i))
		unlabelled := s.BuyUnlabelled(fm.VIP, fm.Player(i))
		thief := fm.Player(owners + i)
		switch policy {
		case "off":
			continue // the oracle knows labels; what is unlabelled is for everybody
		case "require":
			s.Expect("the owner by label", []fm.Check{s.Get(labelled)}, fm.G)
			s.Expect("nobody's", []fm.Check{s.Get(unlabelled)}, fm.D)
			refused("a thief of what is nobody's", unlabelled.As(thief))
		case "record":
			s.Expect("owners", []fm.Check{s.Get(labelled), s.Get(unlabelled)}, fm.G)
			refused("a thief of what was recorded", unlabelled.As(thief))
			s.Expect("the owner still", []fm.Check{s.Get(unlabelled)}, fm.G)
		}
		refused("a thief of what is labelled", labelled.As(thief))
		s.Expect("the owner still", []fm.Check{s.Get(labelled)}, fm.G)
	}
	if policy == "off" {
		k := s.BuyUnlabelled(fm.VIP, fm.Player(0))
		s.Expect("everybody", []fm.Check{s.Get(k), s.Get(k.As(fm.Player(1))), s.Get(k.As(fm.Player(2)))}, fm.G)
		return
	}
	// The same while the store is down and the fact is stale.
	k := s.Buy(fm.VIP, fm.Player(3*owners))
	s.Warm(k)
	s.Trouble()
	s.Sim.Down(true)
	time.Sleep(fm.Pos + 50*time.Millisecond)
	s.Expect("the owner, from a stale fact", []fm.Check{s.Get(k)}, fm.G)
	refused("a thief, from a stale fact", k.As(fm.Player(3*owners+1)))
	s.Healthy()
}

func TestRow48ATokenSpeaksForItsOwnProductOnly(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
		s.Warm(s.Buy(fm.Skin, fm.Player(-1)))
		for i := range fm.Size(5, 50) {
			for j, r := range fm.Routes {
				k := s.Buy(r, fm.Player(i))
				for jj, wrong := range fm.Routes {
					if jj == j {
						continue
					}
					s.ResetLog()
					s.Expect(r.Path+"'s token on "+wrong.Path, []fm.Check{s.Get(k.On(wrong))}, fm.D)
					for _, req := range s.Sim.Requests() {
						if req.Op != onestoretest.OpAccessToken && !strings.Contains(req.Path, "/"+string(wrong.Product.Kind)+"/products/"+wrong.Product.ID+"/") {
							s.Errorf("%s's token on %s: the store was asked for %s", r.Path, wrong.Path, req.Op)
						}
					}
				}
				s.Expect("the right pairing", []fm.Check{s.Get(k)}, fm.G)
				s.Expect("and again", []fm.Check{s.Get(k), s.Get(k.On(fm.Routes[(j+1)%4]))}, fm.G, fm.D)
			}
		}
		s.Expect("a token of the sandbox", []fm.Check{s.Get(fm.Key{Route: fm.VIP, Token: "SANDBOX3000002616001", Account: fm.Player(0)})}, fm.D)
	}})
}
