package core_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// canary stands inside hostile headers; no error may repeat it.
const canary = "canary0712131914S0115875"

func TestParseToken(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   string
		err    error
	}{
		{"a token of ONE store is taken as it is", []string{"220712131914S0115875"}, "220712131914S0115875", nil},
		{"dots, dashes and underscores belong to a token", []string{"ab.cd-ef_gh"}, "ab.cd-ef_gh", nil},
		{"other visible characters are for the store to judge", []string{`a/b+c=d%2C"e"`}, `a/b+c=d%2C"e"`, nil},
		{"the first and the last visible character are taken", []string{"!~"}, "!~", nil},
		{"spaces and tabs around the value do not count", []string{" \t220712131914S0115875\t "}, "220712131914S0115875", nil},
		{"1,024 bytes are taken", []string{strings.Repeat("a", 1024)}, strings.Repeat("a", 1024), nil},
		{"blanks around it do not count towards 1,024 bytes", []string{" " + strings.Repeat("a", 1024) + "\t"}, strings.Repeat("a", 1024), nil},

		{"no values is missing", nil, "", core.ErrTokenMissing},
		{"no lines is missing", []string{}, "", core.ErrTokenMissing},
		{"an empty line is missing", []string{""}, "", core.ErrTokenMissing},
		{"a line of blanks is missing", []string{" \t "}, "", core.ErrTokenMissing},

		{"two different lines are malformed", []string{canary, "220712131914S0115875"}, "", core.ErrTokenMalformed},
		{"two equal lines are malformed", []string{canary, canary}, "", core.ErrTokenMalformed},
		{"an empty line before a real one is malformed", []string{"", canary}, "", core.ErrTokenMalformed},
		{"an empty line after a real one is malformed", []string{canary, ""}, "", core.ErrTokenMalformed},
		{"two empty lines are malformed", []string{"", ""}, "", core.ErrTokenMalformed},
		{"a comma is malformed", []string{canary + ",b"}, "", core.ErrTokenMalformed},
		{"a trailing comma is malformed", []string{canary + ","}, "", core.ErrTokenMalformed},
		{"a semicolon is malformed", []string{canary + ";store=onestore"}, "", core.ErrTokenMalformed},
		{"a space inside is malformed", []string{canary + " b"}, "", core.ErrTokenMalformed},
		{"a tab inside is malformed", []string{canary + "\tb"}, "", core.ErrTokenMalformed},
		{"a line feed at the end is malformed, not trimmed", []string{canary + "\n"}, "", core.ErrTokenMalformed},
		{"a carriage return and line feed inside is malformed", []string{canary + "\r\nX-Player: b"}, "", core.ErrTokenMalformed},
		{"NUL is malformed", []string{canary + "\x00"}, "", core.ErrTokenMalformed},
		{"escape is malformed", []string{canary + "\x1b[31m"}, "", core.ErrTokenMalformed},
		{"DEL is malformed", []string{canary + "\x7f"}, "", core.ErrTokenMalformed},
		{"a byte that is no UTF-8 is malformed", []string{canary + "\xff"}, "", core.ErrTokenMalformed},
		{"a letter outside ASCII is malformed", []string{canary + "é"}, "", core.ErrTokenMalformed},
		{"a zero-width space is malformed", []string{canary + "\u200b"}, "", core.ErrTokenMalformed},
		{"a no-break space around the value is malformed, not trimmed", []string{"\u00a0" + canary}, "", core.ErrTokenMalformed},
		{"1,025 bytes are malformed", []string{strings.Repeat("a", 1025)}, "", core.ErrTokenMalformed},
		{"900 KiB are malformed", []string{strings.Repeat("a", 900<<10)}, "", core.ErrTokenMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := core.ParseToken(tt.values)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("ParseToken = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
			checkTokenError(t, err)
		})
	}
}

func TestParseTokens(t *testing.T) {
	eight := "t1,t2,t3,t4,t5,t6,t7,t8"
	tests := []struct {
		name   string
		header string
		want   []core.Token
	}{
		{"one token without hints", "t1", []core.Token{{Value: "t1"}}},
		{"a store", "t1;store=onestore", []core.Token{{Value: "t1", Store: "onestore"}}},
		{"a product", "t1;product=vip_monthly", []core.Token{{Value: "t1", Product: "vip_monthly"}}},
		{"both, in the other order", "t1;product=vip;store=onestore-b", []core.Token{{Value: "t1", Store: "onestore-b", Product: "vip"}}},
		{"names of parameters in any case", "t1;STORE=OneStore;Product=Vip", []core.Token{{Value: "t1", Store: "OneStore", Product: "Vip"}}},
		{"several, in the order written", "t2;store=a,t1,t3;product=p",
			[]core.Token{{Value: "t2", Store: "a"}, {Value: "t1"}, {Value: "t3", Product: "p"}}},
		{"blanks around commas and semicolons", " t1 \t;\tstore=a ; product=p , t2 ",
			[]core.Token{{Value: "t1", Store: "a", Product: "p"}, {Value: "t2"}}},
		{"an equals sign inside a token", "dG9rZW4=;store=a", []core.Token{{Value: "dG9rZW4=", Store: "a"}}},
		{"a token that looks like a parameter is a token", "store=a", []core.Token{{Value: "store=a"}}},
		{"an equals sign inside a product", "t1;product=a=b", []core.Token{{Value: "t1", Product: "a=b"}}},
		{"an encoded comma, semicolon, quotation mark and percent sign", "t1;product=a%2Cb%3bc%22d%25e",
			[]core.Token{{Value: "t1", Product: `a,b;c"d%e`}}},
		{"a product is decoded once", "t1;product=a%252C", []core.Token{{Value: "t1", Product: "a%2C"}}},
		{"an encoded blank belongs to the product", "t1;product=%20a%20b", []core.Token{{Value: "t1", Product: " a b"}}},
		{"a plus sign is no blank", "t1;product=a+b", []core.Token{{Value: "t1", Product: "a+b"}}},
		{"text outside ASCII, encoded as UTF-8", "t1;product=%EC%9B%94%EC%A0%95%EC%95%A1", []core.Token{{Value: "t1", Product: "월정액"}}},
		{"a percent sign in a token or store is itself", "a%2Cb;store=a%2Cb", []core.Token{{Value: "a%2Cb", Store: "a%2Cb"}}},
		{"eight tokens", eight, []core.Token{{Value: "t1"}, {Value: "t2"}, {Value: "t3"}, {Value: "t4"},
			{Value: "t5"}, {Value: "t6"}, {Value: "t7"}, {Value: "t8"}}},
		{"an entry that repeats an earlier one is dropped", "t1;store=a;product=p,t2,t1;product=p;store=a",
			[]core.Token{{Value: "t1", Store: "a", Product: "p"}, {Value: "t2"}}},
		{"one token with different hints is several entries", "t1,t1;store=a,t1;store=b",
			[]core.Token{{Value: "t1"}, {Value: "t1", Store: "a"}, {Value: "t1", Store: "b"}}},
		{"a token of 1,024 bytes", strings.Repeat("a", 1024), []core.Token{{Value: strings.Repeat("a", 1024)}}},
		{"a line of exactly 16 KiB", "t1;product=" + strings.Repeat("p", 16<<10-len("t1;product=")),
			[]core.Token{{Value: "t1", Product: strings.Repeat("p", 16<<10-len("t1;product="))}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := core.ParseTokens([]string{tt.header})
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("ParseTokens = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseTokensRefuses(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		err    error
	}{
		{"no lines", nil, core.ErrTokenMissing},
		{"an empty line", []string{""}, core.ErrTokenMissing},
		{"a line of blanks", []string{"\t  "}, core.ErrTokenMissing},

		{"two lines", []string{canary, "t2"}, core.ErrTokenMalformed},
		{"an empty line beside a real one", []string{"", canary}, core.ErrTokenMalformed},
		{"a lone comma", []string{","}, core.ErrTokenMalformed},
		{"a leading comma", []string{"," + canary}, core.ErrTokenMalformed},
		{"a trailing comma", []string{canary + ","}, core.ErrTokenMalformed},
		{"two commas in a row", []string{canary + ", ,t2"}, core.ErrTokenMalformed},
		{"an entry without a token", []string{";store=" + canary}, core.ErrTokenMalformed},
		{"a trailing semicolon", []string{canary + ";"}, core.ErrTokenMalformed},
		{"two semicolons in a row", []string{canary + ";;store=a"}, core.ErrTokenMalformed},
		{"an unknown parameter", []string{"t1;" + canary + "=a"}, core.ErrTokenMalformed},
		{"known=true from a stranger", []string{canary + ";known=true"}, core.ErrTokenMalformed},
		{"a parameter without a name", []string{"t1;=" + canary}, core.ErrTokenMalformed},
		{"a parameter without a value", []string{canary + ";store"}, core.ErrTokenMalformed},
		{"an empty store", []string{canary + ";store="}, core.ErrTokenMalformed},
		{"an empty product", []string{canary + ";product= "}, core.ErrTokenMalformed},
		{"two stores", []string{"t1;store=" + canary + ";Store=b"}, core.ErrTokenMalformed},
		{"two products, even equal ones", []string{"t1;product=" + canary + ";product=" + canary}, core.ErrTokenMalformed},
		{"a blank before the equals sign", []string{canary + ";store =a"}, core.ErrTokenMalformed},
		{"a blank after the equals sign", []string{canary + ";store= a"}, core.ErrTokenMalformed},
		{"a blank inside a token", []string{canary + " t2"}, core.ErrTokenMalformed},
		{"a quoted store", []string{`t1;store="` + canary + `"`}, core.ErrTokenMalformed},
		{"a quoted product with a comma", []string{`t1;product="` + canary + `,b"`}, core.ErrTokenMalformed},
		{"a product outside ASCII that is not encoded", []string{"t1;product=" + canary + "월"}, core.ErrTokenMalformed},
		{"a store outside ASCII", []string{"t1;store=" + canary + "é"}, core.ErrTokenMalformed},
		{"a token outside ASCII", []string{"t1," + canary + "é"}, core.ErrTokenMalformed},
		{"a control character in a store", []string{"t1;store=" + canary + "\x01"}, core.ErrTokenMalformed},
		{"a line break between entries", []string{"t1,\r\n" + canary}, core.ErrTokenMalformed},
		{"an escape cut short", []string{"t1;product=" + canary + "%2"}, core.ErrTokenMalformed},
		{"a percent sign alone", []string{"t1;product=" + canary + "%"}, core.ErrTokenMalformed},
		{"an escape that is not hexadecimal", []string{"t1;product=%zz" + canary}, core.ErrTokenMalformed},
		{"an escape that is not UTF-8", []string{"t1;product=" + canary + "%FF"}, core.ErrTokenMalformed},
		{"an overlong UTF-8 escape", []string{"t1;product=" + canary + "%C0%AF"}, core.ErrTokenMalformed},
		{"an encoded surrogate", []string{"t1;product=" + canary + "%ED%A0%80"}, core.ErrTokenMalformed},
		{"an encoded line feed", []string{"t1;product=" + canary + "%0A"}, core.ErrTokenMalformed},
		{"an encoded NUL", []string{"t1;product=" + canary + "%00"}, core.ErrTokenMalformed},
		{"an encoded DEL", []string{"t1;product=" + canary + "%7F"}, core.ErrTokenMalformed},
		{"an encoded C1 control", []string{"t1;product=" + canary + "%C2%85"}, core.ErrTokenMalformed},
		{"nine tokens", []string{canary + ",t2,t3,t4,t5,t6,t7,t8,t9"}, core.ErrTokenMalformed},
		{"nine entries, though all are one token", []string{strings.Repeat("t,", 8) + "t"}, core.ErrTokenMalformed},
		{"a token of 1,025 bytes", []string{"t1," + strings.Repeat("a", 1025)}, core.ErrTokenMalformed},
		{"a line of more than 16 KiB", []string{"t1;product=" + strings.Repeat("p", 16<<10+1-len("t1;product="))}, core.ErrTokenMalformed},
		{"one bad entry among good ones", []string{"t1,t2;store=a,t3;store=,t4"}, core.ErrTokenMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := core.ParseTokens(tt.values)
			if got != nil || !errors.Is(err, tt.err) {
				t.Errorf("ParseTokens = %+v, %v, want nil, %v", got, err, tt.err)
			}
			checkTokenError(t, err)
		})
	}
}

// An operator who reads the error must know where to look and what the limit is.
func TestTokenErrorsSayWhereAndWhatTheLimitIs(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   []string
	}{
		{"too many lines", []string{"a", "b", "c"}, []string{"3 lines", "limit is 1"}},
		{"too many entries", []string{strings.Repeat("t,", 9) + "t"}, []string{"10 entries", "limit is 8"}},
		{"the entry at fault", []string{"t1,t2;store="}, []string{"entry 2", "store"}},
		{"too long a token", []string{"t1,t2," + strings.Repeat("a", 1025)}, []string{"entry 3", "1025 bytes", "limit is 1024"}},
		{"too long a line", []string{strings.Repeat("a", 16385)}, []string{"16385 bytes", "limit is 16384"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := core.ParseTokens(tt.values)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestMissingAndMalformedAreDifferentErrors(t *testing.T) {
	if _, err := core.ParseToken(nil); errors.Is(err, core.ErrTokenMalformed) {
		t.Errorf("a missing token is also malformed: %v", err)
	}
	if _, err := core.ParseToken([]string{"a,b"}); errors.Is(err, core.ErrTokenMissing) {
		t.Errorf("a malformed token is also missing: %v", err)
	}
}

func TestParseTokenAllocatesNothing(t *testing.T) {
	values := []string{" 220712131914S0115875 "}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := core.ParseToken(values); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("ParseToken allocates %v times, want 0", n)
	}
}

func FuzzParseToken(f *testing.F) {
	for _, s := range []string{"", " ", "220712131914S0115875", "a,b", "a;b", "\ta\t", "a\x00", "é", "\xff", strings.Repeat("a", 1025)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		token, err := core.ParseToken([]string{line})
		checkTokenError(t, err)
		if err != nil {
			if token != "" {
				t.Errorf("ParseToken(%q) = %q and an error", line, token)
			}
			return
		}
		if token != strings.Trim(line, " \t") {
			t.Errorf("ParseToken(%q) = %q, want the value without the blanks around it", line, token)
		}
		if len(token) == 0 || len(token) > 1024 {
			t.Errorf("ParseToken(%q) has %d bytes", line, len(token))
		}
		for i := range len(token) {
			if c := token[i]; c < 0x21 || c > 0x7e || c == ',' || c == ';' {
				t.Errorf("ParseToken(%q) let byte %#x through", line, c)
			}
		}
		// What is one token to the one header is the same token to the other.
		if tokens, err := core.ParseTokens([]string{line}); err != nil || !slices.Equal(tokens, []core.Token{{Value: token}}) {
			t.Errorf("ParseTokens(%q) = %+v, %v, want %q alone", line, tokens, err, token)
		}
	})
}

func FuzzParseTokens(f *testing.F) {
	for _, s := range []string{
		"", ",", ";", "=", "t1", "t1,t2", "t1;store=a;product=p", "t1 ; PRODUCT=a%2Cb%3B , t2;store=b",
		"t1;product=%EC%9B%94", "t1;product=%FF", "t1;product=%0A", "t1;store=a;store=b", "t1;known=true",
		"t1,t1,t1;store=a", strings.Repeat("t,", 8) + "t", "t1;product=%", "store=a", `t1;store="a"`, "t\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		tokens, err := core.ParseTokens([]string{line})
		checkTokenError(t, err)
		if err != nil {
			if tokens != nil {
				t.Errorf("ParseTokens(%q) = %+v and an error", line, tokens)
			}
			return
		}
		if len(tokens) < 1 || len(tokens) > core.MaxTokens {
			t.Fatalf("ParseTokens(%q) has %d tokens", line, len(tokens))
		}
		for i, token := range tokens {
			if v, err := core.ParseToken([]string{token.Value}); err != nil || v != token.Value {
				t.Errorf("ParseTokens(%q) let the value %q through, which ParseToken takes as %q, %v", line, token.Value, v, err)
			}
			if token.Known {
				t.Errorf("ParseTokens(%q): a stranger's token is known", line)
			}
			if slices.Contains(tokens[:i], token) {
				t.Errorf("ParseTokens(%q) repeats %+v", line, token)
			}
		}
		header := formatTokens(tokens)
		again, err := core.ParseTokens([]string{header})
		if len(header) > 16<<10 && errors.Is(err, core.ErrTokenMalformed) {
			return // escaping everything made it too long
		}
		if err != nil || !slices.Equal(again, tokens) {
			t.Errorf("ParseTokens(%q) = %+v, written as %q it is %+v, %v", line, tokens, header, again, err)
		}
	})
}

// formatTokens is the inverse of ParseTokens, as a game's client would write it.
func formatTokens(tokens []core.Token) string {
	entries := make([]string, len(tokens))
	for i, token := range tokens {
		entries[i] = token.Value
		if token.Store != "" {
			entries[i] += ";store=" + string(token.Store)
		}
		if token.Product != "" {
			entries[i] += ";product=" + url.PathEscape(token.Product)
		}
	}
	return strings.Join(entries, ", ")
}

// checkTokenError holds every error to being one of the two, short, and without the canary.
func checkTokenError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !errors.Is(err, core.ErrTokenMissing) && !errors.Is(err, core.ErrTokenMalformed) {
		t.Errorf("the error %q is neither ErrTokenMissing nor ErrTokenMalformed", err)
	}
	if text := err.Error(); strings.Contains(text, "canary") || len(text) > 200 {
		t.Errorf("the error quotes the header: %q", text)
	}
}
