package onestore_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore"
)

// traps are the known contradictions and gaps of the store's document. Each is proven harmless by a test
// (of package core or rest where it names one), or is a slip that no code can step into.
var traps = []struct {
	id, what string
	proof    string // functions of tests, separated by blanks; empty: a slip
}{
	{"T-01", "monthly: expired or cancelled in prose, and in the example", "core.TestDefaultRuleOfRecurringProducts"},
	{"T-02", "a host that is a misprint", "TestNewChecksEachField TestTheEnvironmentChoosesTheHost"},
	{"T-03", "times are said to be of two zones", "TestTimesAreTheSameInBothMarkets"},
	{"T-04", "MKT_GLC for MKT_GLB", "TestNewReportsEveryFaultAtOnce TestConfigFromEnvNamesEverythingThatIsMissing"},
	{"T-05", "the market is optional, and must be sent", "TestEachLookUpIsTheDocumentedRequest TestEachChangeIsTheDocumentedRequest TestVoidedPurchasesAreRead TestTheTableAndTheFakeAgree"},
	{"T-06", "Bearer must have its case, token_type has another", "TestEachLookUpIsTheDocumentedRequest"},
	{"T-07", "a new token when one was refused, or when 600 s are left", "TestTwoHundredCallersWithAnExpiredTokenCauseOneTokenCall rest.TestARenewalBeforeTheEndDelaysNobody"},
	{"T-08", "a token's life is 3600 or 3010", "TestAnyWayToWriteALifeIsAccepted"},
	{"T-09", "the secret has signs that a form must escape", "TestTheTokenCallIsTheDocumentedForm"},
	{"T-10", "the example of the token call has a wrong length and status line, and is used nowhere", ""},
	{"T-11", "the token endpoint's errors have no format", "TestARefusedTokenCallIsAFaultOfOurCredentials"},
	{"T-11b", "a client id is a package name or a number", "TestTheTokenCallIsTheDocumentedForm TestNewChecksEachField"},
	{"T-11c", "access tokens look like UUIDs, and one does not", "TestAnAccessTokenIsOpaque"},
	{"T-12", "acknowledging subscriptions is not mentioned", "TestAgainstTheFakeEveryLostConfirmationIsSettled TestAConfirmationInQuestionIsSettledByALookUp TestTheTableAndTheFakeAgree"},
	{"T-13", "acknowledgeState and acknowledgementState", "TestAcknowledgementIsReadInEitherSpelling"},
	{"T-14", "result and error are flat in tables, nested in examples", "TestWhatIsASuccess TestTheCodeDecidesBeforeTheStatus"},
	{"T-15", "the message of Success has two forms", "TestWhatIsASuccess"},
	{"T-16", "purchaseState is a number or a word", "TestUnconfirmedPurchasesAreRead rest.TestEnumReadsNumbersAndWords"},
	{"T-17", "the app's library knows a third state", "TestPurchasesAreMapped core.TestDefaultRuleOfManagedProducts"},
	{"T-18", "NoSuchData with 400 and with 404", "TestTheCodeDecidesBeforeTheStatus TestWhatIsAnEmptyList"},
	{"T-19", "NoSuchData is listed for two endpoints, and comes from all", "TestEachStandardCodeHasItsSentinelAndItsClass TestAChangeIsSentOnceWhateverHappens"},
	{"T-20", "cancelling is called a query", "TestAChangeIsSentOnceWhateverHappens"},
	{"T-20b", "tokens of another kind are described here and there", "TestAgainstTheFake"},
	{"T-21", "reactive and reactivate", "TestEachChangeIsTheDocumentedRequest TestTheTableAndTheFakeAgree"},
	{"T-22", "a guide cancels subscriptions with the monthly endpoint", "TestEachChangeIsTheDocumentedRequest TestTheTableAndTheFakeAgree"},
	{"T-23", "a table of members is missing", "TestEveryDocumentedMemberIsRead"},
	{"T-24", "an example is renewing and cancelled at once", "core.TestDefaultRuleOfRecurringProducts"},
	{"T-25", "tokens have 20 characters, and others are printed", "TestHostileSegmentsReachNoServer TestHarmlessSegmentsReachExactlyTheirPath"},
	{"T-26", "an escaped slash gets a page", "TestHostileSegmentsReachNoServer rest.TestResolveMakesEachValueOneSegment"},
	{"T-27", "tokens can be guessed", "core.TestTheBudgetOfUnknownTokens core.TestWhoMayUseAToken TestNothingShowsASecret core.TestTheBudgetCannotBeStretched"},
	{"T-28", "an answer does not name its product", "TestAgainstTheFake core.TestAHintOnlyNarrows"},
	{"T-29", "a payload that is sent must match", "TestEachChangeIsTheDocumentedRequest TestTheDeveloperPayloadIsSentAsItIs"},
	{"T-30", "no payload is null or empty", "TestPurchasesAreMapped TestEveryOtherMemberMayBeAbsentOrNull"},
	{"T-31", "acknowledging twice is not described", "TestAConfirmationInQuestionIsSettledByALookUp TestWhatBecameOfAChangeIsNeverGuessed"},
	{"T-32", "consuming twice is a conflict", "TestAConfirmationInQuestionIsSettledByALookUp TestConsumingOnceIsForOneCallerOnly TestWhatBecameOfAChangeIsNeverGuessed"},
	{"T-33", "a conflict may mean that there is no purchase", "TestAConfirmationInQuestionIsSettledByALookUp"},
	{"T-34", "3 days from when", "core.TestAFactDoesNotOutliveTheAcknowledgementDeadline"},
	{"T-35", "consuming moved from all to inapp", "TestEachChangeIsTheDocumentedRequest TestTheTableAndTheFakeAgree"},
	{"T-36", "inapp is three kinds of product", "core.TestDefaultRuleOfManagedProducts"},
	{"T-37", "cancelled and canceled, Time and TimeMillis", "TestEveryDocumentedMemberIsRead TestUnconfirmedPurchasesAreRead"},
	{"T-38", "Content-Type on GET", "TestEachLookUpIsTheDocumentedRequest TestVoidedPurchasesAreRead TestTheTableAndTheFakeAgree"},
	{"T-39", "the list of unconfirmed purchases is for Korea only", "TestTheKoreanListIsNotAskedForElsewhere TestListsOfTheFakeInEveryDialect"},
	{"T-40", "fences have the wrong language, and the examples in them are no fixtures", ""},
	{"T-41", "names of lists end in a blank", "TestVoidedPurchasesAreRead rest.TestABareNameWinsOverOneWithBlanks TestListsOfTheFakeInEveryDialect"},
	{"T-42", "lists are described flat, and with brackets for names", "TestVoidedPurchasesAreRead TestUnconfirmedPurchasesAreRead TestListsOfTheFakeInEveryDialect"},
	{"T-43", "two rows have one token", "TestVoidedPurchasesAreRead core.TestAVoidTakesBackWheneverTheFactsAreRead core.TestARenewalAfterAVoidedPaymentGrants"},
	{"T-44", "times of a query are texts or numbers", "TestTheWindowThatIsAskedFor TestListsOfTheFakeInEveryDialect"},
	{"T-45", "how long is a month", "TestTheWindowThatIsAskedFor TestAWindowThatCannotBeIsRefused TestListsOfTheFakeInEveryDialect TestClocksOfALocalMachineAndTheStore"},
	{"T-46", "a start alone may ask for the future", "TestTheWindowThatIsAskedFor TestASkewedLocalClockDoesNotMakeTheStoreRefuse TestListsOfTheFakeInEveryDialect TestClocksOfALocalMachineAndTheStore"},
	{"T-47", "neither end is undefined", "TestTheWindowThatIsAskedFor TestListsOfTheFakeInEveryDialect"},
	{"T-48", "the greatest page is not stated", "TestTheWindowThatIsAskedFor TestAWindowThatCannotBeIsRefused"},
	{"T-49", "whether a key needs its window", "TestAListEndsWhereItsKeysEnd TestAListWithoutAnEndIsAnError TestFaultsOfAListOfTheFake"},
	{"T-50", "an empty list has no form", "TestWhatIsAnEmptyList TestListsOfTheFakeInEveryDialect"},
	{"T-51", "voided rows name no product", "TestVoidedPurchasesAreRead"},
	{"T-51b", "the section stands there three times, for one endpoint", ""},
	{"T-52", "one of the three copies is garbled where the others are not", ""},
	{"T-53", "rows name a market", "TestRowsOfAnotherMarketAreLeftOut TestListsOfTheFakeInEveryDialect"},
	{"T-54", "which kinds are in the list", "TestVoidedPurchasesAreRead TestListsOfTheFakeInEveryDialect"},
	{"T-55", "an example lacks a comma; the tests' own has it", "TestEveryDocumentedMemberIsRead"},
	{"T-56", "an example shows all members, and no state", "TestEveryDocumentedMemberIsRead"},
	{"T-57", "an expired subscription has a paymentState, or none", "core.TestDefaultRuleOfSubscriptions TestPurchasesAreMapped"},
	{"T-58", "paymentState 0 is grace, hold and pause", "core.TestDefaultRuleOfSubscriptions"},
	{"T-59", "the end of a pause is called its start", "TestPurchasesAreMapped"},
	{"T-60", "autoResumeTimeMillis is described in two ways, and decides nothing", "TestPurchasesAreMapped"},
	{"T-61", "the country is fixed, and markets are not", "TestPricesAndCountriesAreAnyText"},
	{"T-62", "0 and null both mean something", "TestEveryDocumentedMemberIsRead TestEveryOtherMemberMayBeAbsentOrNull"},
	{"T-63", "developerPayload of subscriptions is in no example", "TestEveryOtherMemberMayBeAbsentOrNull TestPurchasesAreMapped"},
	{"T-64", "types have several names", "TestNumbersMayBeStrings rest.TestGettersTellAbsentFromWrong"},
	{"T-65", "subscriptions have no state of purchase", "TestPurchasesAreMapped core.TestDefaultRuleOfSubscriptions"},
	{"T-66", "what becomes of a replaced token", "core.TestDefaultRuleOfSubscriptions core.TestALinkedPurchaseInheritsItsPredecessorsAccount core.TestAChangedPlanReplacesTheOneBefore"},
	{"T-67", "whether a deferred change has a token already", "core.TestDefaultRuleOfSubscriptions core.TestAChangedPlanReplacesTheOneBefore"},
	{"T-68", "cancelling may end a subscription at once", "TestCancellingTellsNothingAboutTheEnd"},
	{"T-69", "the unit of deferPeriod is the environment's", "TestWhatCannotBeIsNotSent TestEachChangeIsTheDocumentedRequest"},
	{"T-70", "Success is listed for some endpoints only", "TestWhatIsASuccess"},
	{"T-71", "grace and hold are not acknowledged in examples", "core.TestDefaultRuleOfSubscriptions"},
	{"T-72", "cancelled and revoked look the same", "core.TestDefaultRuleOfSubscriptions core.TestARevokedSubscriptionIsCalledSo"},
	{"T-73", "prices are texts", "TestPricesAndCountriesAreAnyText"},
	{"T-74", "reason phrases are misspelt, and nobody reads them", ""},
	{"T-75", "InvalidAuthorizationHeader is a 400", "TestABadAuthorizationHeaderRenewsNothing"},
	{"T-76", "two codes for 403", "TestCallsThatFailBecomeDecisions TestEachStandardCodeHasItsSentinelAndItsClass"},
	{"T-77", "a message lists members", "TestTheCodeDecidesBeforeTheStatus"},
	{"T-78", "bodies that are no JSON, empty or huge", "TestASuccessThatIsNoneIsAFault TestTheCodeDecidesBeforeTheStatus TestRedirectsAreNotFollowed rest.TestSendMakesNoAnswerOf"},
	{"T-79", "a success with an error or a result", "TestASuccessThatIsNoneIsAFault TestWhatIsASuccess"},
}

func TestEveryTrapIsProvenOrASlip(t *testing.T) {
	var want []string
	for i := 1; i <= 79; i++ {
		want = append(want, fmt.Sprintf("T-%02d", i))
		switch i {
		case 11:
			want = append(want, "T-11b", "T-11c")
		case 20, 51:
			want = append(want, fmt.Sprintf("T-%02db", i))
		}
	}
	if len(traps) != len(want) {
		t.Fatalf("%d traps, want %d", len(traps), len(want))
	}
	tests := map[string]bool{}
	for prefix, dir := range map[string]string{"": ".", "core.": "..", "rest.": "../internal/rest"} {
		for name := range testsIn(t, dir) {
			tests[prefix+name] = true
		}
	}
	for i, trap := range traps {
		if trap.id != want[i] || trap.what == "" {
			t.Errorf("trap %d is %q, want %s", i, trap.id, want[i])
		}
		for name := range strings.FieldsSeq(trap.proof) {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", trap.id, name)
			}
		}
	}
}

// testsIn are the test functions of the package in dir.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	names := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

func TestTimesAreTheSameInBothMarkets(t *testing.T) { // T-03: never 9 hours more or less
	for _, market := range []onestore.Market{onestore.MarketKorea, onestore.MarketGlobal} {
		u := &upstream{t: t, reply: body(200, details[2].sample)}
		cfg := config("")
		cfg.Market = market
		d, err := u.listenWith(t, cfg).SubscriptionDetail(t.Context(), "gold", token)
		if err != nil {
			t.Fatal(err)
		}
		// Midnight less a second in Seoul.
		if want := time.Date(2021, 7, 10, 23, 59, 59, 0, time.FixedZone("KST", 9*60*60)); !d.ExpiryTime.Equal(want) || d.ExpiryTime.Location() != time.UTC {
			t.Errorf("%s: %v, want %v", market, d.ExpiryTime, want)
		}
	}
}

func TestAnAccessTokenIsOpaque(t *testing.T) { // T-11c
	for _, value := range []string{"680b3621-1234-1234-1234-8adfaef561b4", "680b3512-1253-5642-1263-8adjbf651nb", "x", "a.b/c+d=~", strings.Repeat("x", 4096)} {
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		u.oauth = body(200, `{"access_token":"`+value+`","token_type":"bearer","expires_in":3600}`)
		if _, err := u.listen(t).PurchaseDetails(t.Context(), "gold", token); err != nil {
			t.Fatalf("%.40s: %v", value, err)
		}
		wantHeaders(t, u.requests[1], map[string]string{"Authorization": "Bearer " + value})
	}
}

func TestPricesAndCountriesAreAnyText(t *testing.T) { // T-61, T-73
	for _, text := range []string{"", "US", "ABCDEF", "1,234.50", "무료"} {
		u := &upstream{t: t, reply: body(200, with(t, details[2].sample, map[string]any{
			"countryCode": text, "priceCurrencyCode": text, "priceAmount": text, "nextPriceAmount": text, "priceAmountMicros": nil,
		}))}
		d, err := u.inProcess(t).SubscriptionDetail(t.Context(), "gold", token)
		if err != nil || d.CountryCode != text || d.PriceCurrencyCode != text || d.PriceAmount != text || d.NextPriceAmount != text {
			t.Errorf("%q: %+v, %v", text, d, err)
		}
	}
}

func TestCancellingTellsNothingAboutTheEnd(t *testing.T) { // T-68: the caller asks
	u := &upstream{t: t}
	u.reply = standardError(409, "InvalidPurchaseState", "x") // reactivating what ended at once
	c := u.inProcess(t)
	if err := c.ReactivateSubscription(t.Context(), "gold", token); !isError(err, onestore.ErrInvalidPurchaseState) || isError(err, onestore.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	u.reply = done
	if err := c.CancelSubscription(t.Context(), "gold", token); err != nil {
		t.Error(err)
	}
	if got := asked(u); len(got) != 0 {
		t.Errorf("looked up behind the caller's back: %v", got)
	}
}
