package rest_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/skugate/skugate/core/internal/rest"
)

func TestParseRefusesWhatIsNotOneObject(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33)
	for name, tc := range map[string]struct {
		body string
		want error
	}{
		"nothing":                          {"", rest.ErrEmpty},
		"blanks":                           {" \r\n\t", rest.ErrEmpty},
		"null":                             {"null", rest.ErrNotObject},
		"a list":                           {"[]", rest.ErrNotObject},
		"a list of an object":              {`[{"a":1}]`, rest.ErrNotObject},
		"a string":                         {`""`, rest.ErrNotObject},
		"a page":                           {"<html></html>", rest.ErrNotJSON},
		"an object and garbage":            {`{"a":1}x`, rest.ErrNotJSON},
		"two objects":                      {`{"a":1}{"a":1}`, rest.ErrNotJSON},
		"a trailing comma":                 {`{"a":1,}`, rest.ErrNotJSON},
		"a comment":                        {`{"a":1}//`, rest.ErrNotJSON},
		"a byte order mark":                {"\xef\xbb\xbf{}", rest.ErrNotJSON},
		"UTF-16":                           {"\xff\xfe{\x00}\x00", rest.ErrNotUTF8},
		"a broken UTF-8 string":            {"{\"a\":\"\xff\"}", rest.ErrNotUTF8},
		"a surrogate in UTF-8":             {"{\"a\":\"\xed\xa0\x80\"}", rest.ErrNotUTF8},
		"a member twice":                   {`{"a":1,"a":0}`, rest.ErrTwice},
		"a member twice, escaped":          {`{"a":1,"\u0061":0}`, rest.ErrTwice},
		"a member in two cases":            {`{"purchaseState":1,"PURCHASESTATE":0}`, rest.ErrTwice},
		"a member with the long s":         {`{"purchaseState":1,"purchaſeState":0}`, rest.ErrTwice},
		"a member with the Kelvin sign":    {`{"token":1,"to` + "\u212a" + `en":0}`, rest.ErrTwice},
		"a member twice with blanks":       {`{"a ":1," a":0}`, rest.ErrTwice},
		"a padded member in another case":  {`{"a":1,"A ":0}`, rest.ErrTwice},
		"a padded member again":            {`{"a":1,"a ":0," a":0}`, rest.ErrTwice},
		"a padded and a bare member again": {`{"a ":1,"a":0,"a":0}`, rest.ErrTwice},
		"a member twice further in":        {`{"a":[{"b":{"c":1,"C":2}}]}`, rest.ErrTwice},
		"too deep objects":                 {deep, rest.ErrTooDeep},
		"too deep lists":                   {`{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "}", rest.ErrTooDeep},
		"very deep lists":                  {strings.Repeat("[", 500_000), rest.ErrNotJSON},
		"too long":                         {`{}` + strings.Repeat(" ", rest.MaxBody-1), rest.ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := rest.Parse([]byte(tc.body)); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestABareNameWinsOverOneWithBlanks(t *testing.T) {
	for _, body := range []string{`{"list":1,"list ":2}`, `{"list ":2,"list":1}`, `{" list\t":1}`} {
		o := parse(t, body)
		if n := o.Int("list"); n == nil || *n != 1 || o.Err() != nil {
			t.Errorf("%s: got %v, %v", body, n, o.Err())
		}
	}
}

func parse(t *testing.T, body string) *rest.Object {
	t.Helper()
	o, err := rest.Parse([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return o
}

func TestGettersTellAbsentFromWrong(t *testing.T) {
	const absent, wrong = "absent", "wrong"
	for _, tc := range []struct{ getter, json, want string }{
		{"int", `0`, "0"},
		{"int", `-1`, "-1"},
		{"int", `"17"`, "17"},
		{"int", `9223372036854775807`, "9223372036854775807"},
		{"int", `null`, absent},
		{"int", ``, absent},
		{"int", `0.0`, wrong},
		{"int", `0e0`, wrong},
		{"int", `-0`, wrong},
		{"int", `""`, wrong},
		{"int", `" 0"`, wrong},
		{"int", `"00"`, wrong},
		{"int", `"+0"`, wrong},
		{"int", `9223372036854775808`, wrong},
		{"int", `false`, wrong},
		{"int", `[0]`, wrong},
		{"int", `{}`, wrong},
		{"string", `"x"`, `"x"`},
		{"string", `""`, `""`},
		{"string", `null`, absent},
		{"string", `0`, wrong},
		{"bool", `true`, "true"},
		{"bool", `false`, "false"},
		{"bool", `null`, absent},
		{"bool", `0`, wrong},
		{"bool", `"true"`, wrong},
		{"time", `1625929199000`, `"2021-07-10T14:59:59Z"`},
		{"time", `"1625929199000"`, `"2021-07-10T14:59:59Z"`},
		{"time", `0`, absent},
		{"time", `null`, absent},
		{"time", `-1`, wrong},
		{"time", `7258118400000`, wrong},
		{"time", `7258118399999`, `"2199-12-31T23:59:59.999Z"`},
		{"time", `1.5`, wrong},
		{"object", `{}`, "{}"},
		{"object", `null`, absent},
		{"object", `[]`, wrong},
		{"object", `"{}"`, wrong},
	} {
		body := `{"m":` + tc.json + `}`
		if tc.json == "" {
			body = `{}`
		}
		o := parse(t, body)
		got := absent
		show := func(v any) {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		switch tc.getter {
		case "int":
			if v := o.Int("m"); v != nil {
				show(*v)
			}
		case "string":
			if v := o.String("m"); v != nil {
				show(*v)
			}
		case "bool":
			if v := o.Bool("m"); v != nil {
				show(*v)
			}
		case "time":
			if v := o.Time("m"); !v.IsZero() {
				show(v)
			}
		case "object":
			if v := o.Object("m"); v != nil {
				got = "{}"
			}
		}
		if err := o.Err(); err != nil {
			if got != absent {
				t.Errorf("%s of %s: a value %s with the fault %v", tc.getter, tc.json, got, err)
			}
			if !strings.HasPrefix(err.Error(), "m is ") {
				t.Errorf("%s of %s: the fault %q does not name the member", tc.getter, tc.json, err)
			}
			got = wrong
		}
		if got != tc.want {
			t.Errorf("%s of %s: got %s, want %s", tc.getter, tc.json, got, tc.want)
		}
	}
}

func TestRequiredMembersAreMissedByName(t *testing.T) {
	o := parse(t, `{"b":null,"c":0,"inner":{"x":"secret value"},"STATE":0}`)
	o.RequiredInt("state")
	o.RequiredInt("b")
	o.RequiredTime("b")
	o.RequiredTime("c")
	o.Object("inner").Int("x")
	want := "state is missing\nb is missing\nb is missing\nc is not a plausible time\ninner.x is not an integer"
	if err := o.Err(); err == nil || err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !o.Has("b") || o.Has("state") {
		t.Error("Has looks at values or at case")
	}
}

func TestSecondsReadsALifeAsItIsWrittenInTheWild(t *testing.T) {
	for json, want := range map[string]time.Duration{
		`3600`: time.Hour, `3600.0`: time.Hour, `"3600"`: time.Hour, `"3600.0"`: time.Hour, `3.6e3`: time.Hour,
		`0`: 0, `-5`: -5 * time.Second, `0.9`: 0, `99999999999`: math.MaxInt64, `1e999`: math.MaxInt64, `-1e30`: math.MinInt64,
		`"inf"`: math.MaxInt64, `"NaN"`: 0, `""`: 0, `"soon"`: 0, `null`: 0, `true`: 0, `[]`: 0, `{}`: 0,
	} {
		o := parse(t, `{"m":`+json+`}`)
		if got := o.Seconds("m"); got != want || o.Err() != nil {
			t.Errorf("%s: got %v, %v; want %v", json, got, o.Err(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"purchaseState":0,"purchaseTime":1345678900000,"developerPayload":null}`, `{"a":{"b":[1,2,{"c":"d"}]}}`,
		`{"list ":[],"list":[]}`, `{"a":1,"A":2}`, `{"a":"\ud800"}`, "\xef\xbb\xbf{}", `{} {}`, `{"ſ":1,"s":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := rest.Parse(body)
		if err != nil {
			return
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			t.Fatal("accepted what is not JSON")
		}
		// An independent look at the top level: every member is there once, whatever its case.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		var bare []string
		for name, raw := range members {
			if name != strings.TrimSpace(name) {
				continue
			}
			if slices.ContainsFunc(bare, func(other string) bool { return strings.EqualFold(name, other) }) {
				t.Fatal("accepted two members that differ in case only")
			}
			bare = append(bare, name)
			if !o.Has(name) {
				t.Fatalf("lost %q", name)
			}
			var want *int64
			if err := json.Unmarshal(raw, &want); err == nil {
				if got := o.Int(name); want != nil && got != nil && *got != *want || want == nil && got != nil {
					t.Fatalf("%q is %v, encoding/json reads %v", name, got, want)
				}
			}
			o.Time(name)
			o.Seconds(name)
			o.Text(name)
			o.Bool(name)
			if inner := o.Object(name); inner != nil {
				inner.Int("a")
			}
		}
		_ = o.Err()
	})
}

func FuzzSeconds(f *testing.F) {
	for _, s := range []string{"3600", "3600.0", `"3600"`, "-1", "1e400", `"0x10"`, "null"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		o, err := rest.Parse([]byte(`{"m":` + value + `}`))
		if err != nil {
			return
		}
		got := o.Seconds("m")
		if n := o.Int("m"); n != nil && *n >= 0 && *n < 1<<33 && got != time.Duration(*n)*time.Second {
			t.Errorf("%s: %v", value, got)
		}
	})
}

func TestObjectsReadsAList(t *testing.T) {
	o, err := rest.Parse([]byte(`{"list ":[{"n":1},{"n":2}],"empty":[],"null":null,"odd":[{"n":3},4,null,{"n":"x"}],"word":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	list := o.Objects("list")
	if len(list) != 2 || *list[0].Int("n") != 1 || *list[1].Int("n") != 2 {
		t.Errorf("got %v", list)
	}
	if o.Objects("empty") == nil || len(o.Objects("empty"))+len(o.Objects("null"))+len(o.Objects("absent")) != 0 || o.Err() != nil {
		t.Errorf("an empty list: %v", o.Err())
	}
	for _, entry := range o.Objects("odd") {
		entry.Int("n")
	}
	o.Objects("word")
	want := "odd[1] is not an object\nodd[2] is not an object\nodd[3].n is not an integer\nword is not a list"
	if err := o.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEnumReadsNumbersAndWords(t *testing.T) {
	words := map[string]int64{"YES": 0, "NO": 1}
	for text, want := range map[string]any{
		`0`: 0, `1`: 1, `7`: 7, `"0"`: 0, `"1"`: 1, `"YES"`: 0, `"NO"`: 1, `"yes"`: -1, `"MAYBE"`: -1, `"YES "`: -1, `"+1"`: -1,
		`null`: nil, `""`: "is not an integer", `0.5`: "is not an integer", `true`: "is not an integer", `"00"`: "is not an integer", `[]`: "is not an integer",
	} {
		o, err := rest.Parse([]byte(`{"n":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		got, err := o.Enum("n", words, -1), o.Err()
		switch want := want.(type) {
		case int:
			if got == nil || *got != int64(want) || err != nil {
				t.Errorf("%s: got %v, %v", text, got, err)
			}
		case string:
			if got != nil || err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s: got %v, %v", text, got, err)
			}
		default:
			if got != nil || err != nil {
				t.Errorf("%s: got %v, %v", text, got, err)
			}
		}
	}
}

func TestRequiredTextWantsSomething(t *testing.T) {
	for text, want := range map[string]string{`{"s":"x"}`: "", `{"s":""}`: "s is missing", `{"s":null}`: "s is missing", `{}`: "s is missing", `{"s":1}`: "s is not a string"} {
		o, err := rest.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := o.RequiredText("s")
		if err := o.Err(); want == "" && (err != nil || got != "x") || want != "" && (err == nil || err.Error() != want || got != "") {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
}
