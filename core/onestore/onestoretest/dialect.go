package onestoretest

import "slices"

// Dialect is one of the ways to say what the document leaves open, contradicts itself about, or
// writes otherwise than it was measured. Config.Dialects names those that a store speaks.
//
// Of each group below a gentle store speaks the first and any other store all in turn, unless
// Config.Dialects names some of the group: then those, in turn if there are several.
type Dialect string

const (
	// The name of a list has a trailing blank in every sample and none in the tables.
	ListKeyPlain Dialect = "list-key-plain"
	ListKeyBlank Dialect = "list-key-blank"

	// A list without rows: how it looks is not documented.
	EmptyListArray      Dialect = "empty-list-array"
	EmptyListMissing    Dialect = "empty-list-missing"
	EmptyListNoSuchData Dialect = "empty-list-no-such-data"

	// The continuationKey of the last page.
	LastKeyAbsent Dialect = "last-key-absent"
	LastKeyNull   Dialect = "last-key-null"
	LastKeyEmpty  Dialect = "last-key-empty"

	// The purchaseState of an unconfirmed purchase is 0 in the sample, an Integer in one column and
	// COMPLETED in the next.
	StateNumber Dialect = "state-number"
	StateText   Dialect = "state-text"
	StateWord   Dialect = "state-word"

	// Each row of a list names its market, as if there could be several.
	OwnMarketRows   Dialect = "own-market-rows"
	OtherMarketRows Dialect = "other-market-rows"

	// Whether a cancelled purchase is listed as unconfirmed, which its purchaseState makes possible.
	CanceledLeftOut Dialect = "canceled-left-out"
	CanceledListed  Dialect = "canceled-listed"

	// The result of a change is nested in the samples and flat in the tables.
	ResultNested Dialect = "result-nested"
	ResultFlat   Dialect = "result-flat"

	// NoSuchData is a 404 in the table and as measured, a 400 in the sample.
	NoSuchData404 Dialect = "no-such-data-404"
	NoSuchData400 Dialect = "no-such-data-400"

	// Numbers of every answer.
	NumbersPlain Dialect = "numbers-plain"
	NumbersText  Dialect = "numbers-text"

	// How the token endpoint refuses credentials is not documented: as RFC 6749, or as all others.
	OAuthErrorFlat   Dialect = "oauth-error-flat"
	OAuthErrorNested Dialect = "oauth-error-nested"

	// To acknowledge, cancel or reactivate what is so already: Success, or InvalidPurchaseState.
	RepeatSucceeds  Dialect = "repeat-succeeds"
	RepeatConflicts Dialect = "repeat-conflicts"
)

// Dialects that a store speaks only when Config.Dialects names them.
const (
	// The developerPayload of a purchase without a label. As measured it is "" in the sandbox and
	// null in the commercial environment.
	PayloadEmpty Dialect = "payload-empty"
	PayloadNull  Dialect = "payload-null"

	// The list of unconfirmed purchases serves every market, as announced, and not Korea only.
	UnconfirmedEverywhere Dialect = "unconfirmed-everywhere"
)

// Dialects are all dialects, group by group.
func Dialects() []Dialect {
	return []Dialect{
		ListKeyPlain, ListKeyBlank,
		EmptyListArray, EmptyListMissing, EmptyListNoSuchData,
		LastKeyAbsent, LastKeyNull, LastKeyEmpty,
		StateNumber, StateText, StateWord,
		OwnMarketRows, OtherMarketRows,
		CanceledLeftOut, CanceledListed,
		ResultNested, ResultFlat,
		NoSuchData404, NoSuchData400,
		NumbersPlain, NumbersText,
		OAuthErrorFlat, OAuthErrorNested,
		RepeatSucceeds, RepeatConflicts,
		PayloadEmpty, PayloadNull,
		UnconfirmedEverywhere,
	}
}

func (s *Store) speaks(d Dialect) bool { return slices.Contains(s.cfg.Dialects, d) }

// choose picks one dialect of a group for a request. It depends on what the whims depend on.
func (s *Store) choose(subject string, nth int, group ...Dialect) Dialect {
	spoken := slices.DeleteFunc(slices.Clone(group), func(d Dialect) bool { return !s.speaks(d) })
	if len(spoken) == 0 {
		if s.cfg.Gentle {
			return group[0]
		}
		spoken = group
	}
	return spoken[newWhim(s.cfg.Seed, subject+" "+string(group[0]), nth).r.IntN(len(spoken))]
}
