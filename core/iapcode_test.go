package core_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// guideRow is a row as the two editions of the guide print it, typed from them and not from the code.
type guideRow struct {
	group core.IAPGroup
	code  int
	name  string
}

var guide = []guideRow{
	{"client", 100, "NETWORK_TIMEOUT"},
	{"client", 101, "AUTHORIZATION_ERROR"},
	{"client", 102, "UNSUPPORTED_DEVICE"},
	{"client", 103, "UNSUPPORTED_MARKET"},
	{"client", 104, "USER_CANCEL"},
	{"client", 105, "IAP_INITIALIZED_ERROR"},
	{"client", 106, "IAP_SERVER_UNKNOWN_ERROR"},
	{"client", 107, "IAP_RESPONSE_ON_FAILED"},
	{"client", 108, "INAPP_INITIALIZED_ERROR"},
	{"client", 109, "INAPP_PURCHASE_ERROR"},
	{"client", 110, "INAPP_VERIFY_SIGNATURE_ERROR"},
	{"client", 111, "INAPP_CONSUME_ERROR"},
	{"client", 112, "INAPP_VERIFY_CONSUME_ERROR"},
	{"client", 113, "SERVER_NETWORK_FAIL"},
	{"client", 116, "APP_STORE_REMAINS_PAYMENT"},
	{"client", 117, "IAP_IN_PROGRESS_ERROR"}, // T-93: the English edition only
	{"server", 1100, "INVALID_PARAMETERS"},
	{"server", 2111, "HTTP_CONTENT_TYPE_NOT_SUPPORT"},
	{"server", 2112, "HTTP_REQUEST_METHOD_NOT_SUPPORT"},
	{"server", 5000, "CONSUME_FAILED"},
	{"web-console", 1100, "INVALID_PARAMETERS"},
	{"web-console", 5003, "INVALID_AUTHENTICATED"},
	{"web-console", 5013, "MARKET_GOOGLE_INVALID_REQUEST"},
}

func TestTheCatalogueIsTheGuideRowByRowInItsOrder(t *testing.T) {
	var got []guideRow
	for c := range core.IAPCodes() {
		got = append(got, guideRow{c.Group, c.Code, c.Name})
	}
	if !slices.Equal(got, guide) {
		t.Errorf("the catalogue is\n%v\nthe guide\n%v", got, guide)
	}
}

func TestEveryRowOfTheGuideIsFoundByCodeAndByName(t *testing.T) {
	for _, row := range guide {
		c, ok := core.IAPByCode(row.group, row.code)
		if !ok || (guideRow{c.Group, c.Code, c.Name}) != row {
			t.Errorf("IAPByCode(%q, %d) = %+v, %t, want %s", row.group, row.code, c, ok, row.name)
		}
		if !slices.Contains(core.IAPByName(row.name), c) {
			t.Errorf("IAPByName(%q) lacks the row of group %q", row.name, row.group)
		}
	}
}

func TestTheGroupsHave16And4And3Rows(t *testing.T) {
	got := map[core.IAPGroup]int{}
	for c := range core.IAPCodes() {
		got[c.Group]++
	}
	want := map[core.IAPGroup]int{core.IAPClient: 16, core.IAPServer: 4, core.IAPWebConsole: 3}
	for group, n := range want {
		if got[group] != n {
			t.Errorf("group %q has %d rows, want %d", group, got[group], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the groups are %v, want %v", got, want)
	}
}

func TestEveryRowIsExplainedAndClassified(t *testing.T) {
	classes := []core.IAPClass{
		core.IAPRetryable, core.IAPAuth, core.IAPPermanent, core.IAPUser, core.IAPConfig,
		core.IAPUpstream, core.IAPDeny, core.IAPPending, core.IAPCaller,
	}
	used := map[core.IAPClass]bool{}
	for c := range core.IAPCodes() {
		if strings.TrimSpace(c.Meaning) == "" || c.Meaning == c.Name {
			t.Errorf("%s/%d has no meaning", c.Group, c.Code)
		}
		if !slices.Contains(classes, c.Class) {
			t.Errorf("%s/%d has the class %q", c.Group, c.Code, c.Class)
		}
		used[c.Class] = true
	}
	if len(used) != len(classes) {
		t.Errorf("%d classes are in use, %d are defined", len(used), len(classes))
	}
}

func TestACodeThatTheGuideDoesNotDefineIsUnknown(t *testing.T) {
	tests := []struct {
		name  string
		group core.IAPGroup
		code  int
	}{
		{"114 is in neither edition", core.IAPClient, 114},
		{"115 is in neither edition", core.IAPClient, 115},
		{"114 is no server code either", core.IAPServer, 114},
		{"118 stands in newer editions only", core.IAPClient, 118},
		{"5018 stands in newer editions only", core.IAPServer, 5018},
		{"1100 is no client code", core.IAPClient, 1100},
		{"100 is no server code", core.IAPServer, 100},
		{"5003 is no server code", core.IAPServer, 5003},
		{"5000 is no web console code", core.IAPWebConsole, 5000},
		{"zero in a known group", core.IAPClient, 0},
		{"a negative code", core.IAPServer, -1100},
		{"the smallest integer", core.IAPWebConsole, math.MinInt},
		{"the largest integer", core.IAPClient, math.MaxInt},
		{"a known code in no group", "", 100},
		{"a known code in an unknown group", "Client", 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c, ok := core.IAPByCode(tt.group, tt.code); ok || c != (core.IAPCode{}) {
				t.Errorf("IAPByCode(%q, %d) = %+v, %t, want nothing", tt.group, tt.code, c, ok)
			}
		})
	}
}

func TestACodeIsKnownInTheGroupsOfTheGuideOnly(t *testing.T) {
	for code := -1; code <= 10_000; code++ {
		for _, group := range []core.IAPGroup{core.IAPClient, core.IAPServer, core.IAPWebConsole} {
			want := slices.ContainsFunc(guide, func(r guideRow) bool { return r.group == group && r.code == code })
			if _, ok := core.IAPByCode(group, code); ok != want {
				t.Errorf("IAPByCode(%q, %d) knows it: %t, want %t", group, code, ok, want)
			}
		}
	}
}

// T-94: the number alone is no key, and neither is the name.
func TestInvalidParametersIs1100InTwoGroups(t *testing.T) {
	found := core.IAPByName("INVALID_PARAMETERS")
	if len(found) != 2 || found[0].Group != core.IAPServer || found[1].Group != core.IAPWebConsole ||
		found[0].Code != 1100 || found[1].Code != 1100 {
		t.Errorf("IAPByName(INVALID_PARAMETERS) = %+v, want 1100 of the server and 1100 of the web console", found)
	}
}

func TestNamesAreSpelledAsInTheGuideOrUnknown(t *testing.T) {
	for _, name := range []string{"", "invalid_parameters", "INVALID_PARAMETERS ", "NoSuchData", "ALREADY_CONSUMED"} {
		if found := core.IAPByName(name); len(found) != 0 {
			t.Errorf("IAPByName(%q) = %+v, want nothing", name, found)
		}
	}
}

func TestCallersCannotChangeTheCatalogue(t *testing.T) {
	core.IAPByName("CONSUME_FAILED")[0].Code = 1
	if c, ok := core.IAPByCode(core.IAPServer, 5000); !ok || c.Name != "CONSUME_FAILED" {
		t.Errorf("IAPByCode(server, 5000) = %+v, %t after the caller wrote to its copy", c, ok)
	}
}

func TestTheCatalogueCanBeReadInPart(t *testing.T) {
	var first []int
	for c := range core.IAPCodes() {
		if first = append(first, c.Code); len(first) == 2 {
			break
		}
	}
	if !slices.Equal(first, []int{100, 101}) {
		t.Errorf("the first two codes are %v, want 100 and 101", first)
	}
}
