package mutants_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// now is the instant at which all mutants are judged.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// member is a member of an object, name and value as they are written.
type member struct{ name, value string }

// answer is what an answer is made of before it becomes bytes.
type answer struct {
	status  int
	members []member
	blanks  bool                  // white space between everything
	text    []func([]byte) []byte // what is done to the bytes, in order
}

var kinds = []string{"inapp", "auto", "subscription"}

// valid is an answer of the kind that gives access.
func valid(kind string, r *rand.Rand) *answer {
	a := &answer{status: 200}
	add := func(name, value string) { a.members = append(a.members, member{name, value}) }
	ms := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).UnixMilli(), 10) }
	switch kind {
	case "inapp":
		add("consumptionState", "0")
		add("developerPayload", `"player"`)
		add("purchaseState", "0")
		add("purchaseTime", ms(-time.Hour))
		add("purchaseId", `"SANDBOX3000000004564"`)
		add("acknowledgeState", "0")
		add("quantity", "1")
	case "auto":
		add("startTime", ms(-time.Hour))
		add("expiryTime", ms(time.Hour))
		add("nextPaymentTime", ms(time.Hour))
		add("autoRenewing", "true")
		add("cancelReason", "null")
		add("acknowledgeState", "1")
		add("lastPurchaseId", `"SANDBOX3000000004564"`)
		add("lastPurchaseState", "0")
	case "subscription":
		add("acknowledgementState", "1")
		add("developerPayload", "null")
		add("autoRenewing", "true")
		add("paymentState", strconv.Itoa(r.IntN(4)))
		add("lastPurchaseId", `"SANDBOX3000000004564"`)
		add("linkedPurchaseToken", "null")
		add("priceAmountMicros", "4900000000")
		add("startTimeMillis", ms(-time.Hour))
		add("expiryTimeMillis", ms(time.Hour))
		add("priceChange", `{"seq":1,"newPriceMicros":"5","agreement":true}`)
	}
	return a
}

// bytes writes the answer.
func (a *answer) bytes() []byte {
	blank := ""
	if a.blanks {
		blank = " \r\n\t"
	}
	parts := make([]string, len(a.members))
	for i, m := range a.members {
		parts[i] = blank + m.name + blank + ":" + blank + m.value + blank
	}
	b := []byte("{" + strings.Join(parts, ",") + "}")
	for _, f := range a.text {
		b = f(b)
	}
	return b
}

// mutant is the answer number n of the kind, damaged in one to three ways, rarely in none.
func mutant(kind string, n uint64) *answer {
	r := rand.New(rand.NewPCG(n, 7))
	a := valid(kind, r)
	for i := range a.members { // names are written with their quotation marks
		a.members[i].name = strconv.Quote(a.members[i].name)
	}
	for range min(r.IntN(6), 3) {
		mutations[r.IntN(len(mutations))](a, kind, r)
	}
	return a
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// values stand in for any value: each has been read as a zero, or as a one, by somebody's code.
var values = strings.Split(`0|1|2|3|4|-1|-0|00|01|+0|0.0|1.0|0.5|0e0|0E+1|1e0|1e400|1e-400|0x0|.0|0.|NaN|Infinity|`+
	`2147483648|9223372036854775807|9223372036854775808|18446744073709551616|-9223372036854775808|7258118400000|253402300800000|`+
	`true|false|null|nil|undefined|None|[]|{}|[0]|[0,1]|{"value":0}|{"0":0}|""|" "|"0"|"1"|"2"|"00"|"-0"|"+0"|"0.0"|"0 "|" 0"|"0\n"|`+
	`"\u0030"|"\u0660"|"٠"|"０"|"zero"|"null"|"true"|"\ud800"|"\u0000"|'0'|0/**/|"0`, "|")

// mutations damage an answer, or do what must not matter.
var mutations = []func(a *answer, kind string, r *rand.Rand){
	// What does not matter.
	func(a *answer, _ string, r *rand.Rand) {
		r.Shuffle(len(a.members), func(i, j int) { a.members[i], a.members[j] = a.members[j], a.members[i] })
	},
	func(a *answer, _ string, _ *rand.Rand) { a.blanks = true },
	func(a *answer, _ string, r *rand.Rand) {
		a.insert(r, member{fmt.Sprintf(`"unknown%d"`, r.IntN(9)), pick(r, []string{"0", `"x"`, "[[],{}]", `{"purchaseState":1}`, "null"})})
	},
	func(a *answer, _ string, r *rand.Rand) { // a number as a string
		if m := a.any(r); strings.Trim(m.value, "0123456789") == "" {
			m.value = `"` + m.value + `"`
		}
	},
	func(a *answer, _ string, r *rand.Rand) { // a blank beside a name
		m := a.any(r)
		m.name = `"` + pick(r, []string{" ", "\\t", "\u00a0", "\u3000", ""}) + strings.Trim(m.name, `"`) + pick(r, []string{" ", "  ", "\\n", "\u2003"}) + `"`
	},
	func(a *answer, _ string, r *rand.Rand) { // an escape in a name
		m := a.any(r)
		if i := r.IntN(max(len(m.name)-2, 1)) + 1; i < len(m.name)-1 && m.name[i] < 0x80 && m.name[i] != '\\' && m.name[i-1] != '\\' {
			m.name = m.name[:i] + fmt.Sprintf("\\u%04x", m.name[i]) + m.name[i+1:]
		}
	},

	// Members.
	func(a *answer, _ string, r *rand.Rand) {
		if len(a.members) > 0 {
			i := r.IntN(len(a.members))
			a.members = append(a.members[:i], a.members[i+1:]...)
		}
	},
	func(a *answer, _ string, r *rand.Rand) { a.insert(r, *a.any(r)) },
	func(a *answer, _ string, r *rand.Rand) { a.insert(r, member{a.any(r).name, pick(r, values)}) },
	func(a *answer, _ string, r *rand.Rand) { // the same name in another case, beside it or in its place
		m := a.any(r)
		name := recase(m.name, r)
		if r.IntN(2) == 0 {
			a.insert(r, member{name, pick(r, values)})
		} else {
			m.name = name
		}
	},
	func(a *answer, _ string, r *rand.Rand) { // a spelling with blanks, beside it
		a.insert(r, member{`" ` + strings.Trim(a.any(r).name, `"`) + `"`, pick(r, values)})
	},
	func(a *answer, _ string, r *rand.Rand) { a.any(r).value = "null" },
	func(a *answer, _ string, r *rand.Rand) { a.any(r).value = pick(r, values) },
	func(a *answer, _ string, r *rand.Rand) {
		x, y := a.any(r), a.any(r)
		x.value, y.value = y.value, x.value
	},
	func(a *answer, _ string, r *rand.Rand) {
		x, y := a.any(r), a.any(r)
		x.name, y.name = y.name, x.name
	},
	func(a *answer, _ string, r *rand.Rand) {
		a.insert(r, member{pick(r, []string{`"error"`, `"result"`, `"Error"`, `"result "`}), pick(r, []string{"null", "{}", `""`, `{"code":"NoSuchData"}`, `{"code":"Success"}`, "0"})})
	},
	func(a *answer, kind string, r *rand.Rand) { // another kind's members, in place of these or among them
		other := valid(pick(r, kinds), r)
		if r.IntN(2) == 0 {
			a.members = nil
		}
		for _, m := range other.members {
			a.insert(r, member{strconv.Quote(m.name), m.value})
		}
	},
	func(a *answer, _ string, r *rand.Rand) { // the time that decides
		for i := range a.members {
			if m := &a.members[i]; strings.Contains(m.name, "xpiryTime") || strings.Contains(m.name, "purchaseTime") {
				m.value = strconv.FormatInt(now.UnixMilli()+pick(r, []int64{-1, 0, 1, 300_000, 300_001, -86_400_000, 86_400_000}), 10)
			}
		}
	},
	func(a *answer, _ string, r *rand.Rand) {
		a.insert(r, member{`"deep"`, strings.Repeat("[", 20+r.IntN(30)) + strings.Repeat("]", 20+r.IntN(30))})
	},
	func(a *answer, _ string, r *rand.Rand) {
		a.status = pick(r, []int{200, 201, 202, 204, 206, 302, 400, 404, 500})
	},

	// The whole.
	func(a *answer, _ string, r *rand.Rand) {
		wrap := pick(r, []string{`{"result":%}`, `{"error":%}`, `{"data":%}`, `[%]`, `"%"`, `{%}`, `%,`, `(%)`, `{"a":[%]}`, `{"purchaseState":0,"consumptionState":0,"x":%}`})
		a.text = append(a.text, func(b []byte) []byte { return []byte(strings.Replace(wrap, "%", string(b), 1)) })
	},
	func(a *answer, _ string, r *rand.Rand) {
		tail := pick(r, []string{" \n", "x", "{}", "null", "\x00", ",", "}", "]", "//", "\ufeff", `{"purchaseState":1}`})
		a.text = append(a.text, func(b []byte) []byte { return append(b, tail...) })
	},
	func(a *answer, _ string, r *rand.Rand) {
		head := pick(r, []string{"\n ", "\ufeff", "\xfe\xff", "\x00", ")]}',\n", "{}", "0", "/**/"})
		a.text = append(a.text, func(b []byte) []byte { return append([]byte(head), b...) })
	},
	func(a *answer, _ string, r *rand.Rand) { a.text = append(a.text, wide(r.IntN(4))) },
	func(a *answer, _ string, r *rand.Rand) {
		at := r.Float64()
		a.text = append(a.text, func(b []byte) []byte { return b[:int(at*float64(len(b)))] })
	},
	func(a *answer, _ string, r *rand.Rand) { // one byte
		at, c := r.Float64(), byte(r.IntN(256))
		a.text = append(a.text, func(b []byte) []byte {
			if len(b) > 0 {
				b[int(at*float64(len(b)))] = c
			}
			return b
		})
	},
	func(a *answer, _ string, r *rand.Rand) { // a few bytes taken out or put in twice
		at, n, twice := r.Float64(), 1+r.IntN(12), r.IntN(2) == 0
		a.text = append(a.text, func(b []byte) []byte {
			i := int(at * float64(len(b)))
			j := min(i+n, len(b))
			if twice {
				return append(append(append([]byte{}, b[:j]...), b[i:j]...), b[j:]...)
			}
			return append(append([]byte{}, b[:i]...), b[j:]...)
		})
	},
}

func (a *answer) any(r *rand.Rand) *member {
	if len(a.members) == 0 {
		a.members = append(a.members, member{`"purchaseState"`, "0"})
	}
	return &a.members[r.IntN(len(a.members))]
}

func (a *answer) insert(r *rand.Rand, m member) {
	i := r.IntN(len(a.members) + 1)
	a.members = append(a.members[:i], append([]member{m}, a.members[i:]...)...)
}

// recase writes a name so that somebody's comparison takes it for the same.
func recase(name string, r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return strings.ToLower(name)
	case 2:
		return strings.Replace(name, "s", "\u017f", 1) // the long s folds to s
	case 3:
		return strings.Replace(name, "k", "\u212a", 1) // the Kelvin sign folds to k
	case 4:
		return strings.Replace(name, "a", "\u0430", 1) // looks like an a
	default:
		return strings.Replace(name, "e", "e\u0301", 1)
	}
}

// wide writes the text in UTF-16.
func wide(how int) func([]byte) []byte {
	return func(b []byte) []byte {
		var order binary.AppendByteOrder = binary.LittleEndian
		if how%2 == 0 {
			order = binary.BigEndian
		}
		var out []byte
		units := utf16.Encode([]rune(string(b)))
		if how >= 2 {
			units = append([]uint16{0xfeff}, units...)
		}
		for _, u := range units {
			out = order.AppendUint16(out, u)
		}
		return out
	}
}
