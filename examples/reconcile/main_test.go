package main

import (
	"bytes"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	crash(os.Args) // the process that is killed is this program too
	os.Exit(m.Run())
}

func TestTheScenesEndAsTheySay(t *testing.T) {
	var out bytes.Buffer
	if err := play(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	const want = `a player buys a skin and uses it: granted
the handler succeeded, so the worker told the store
the store refunds it, and the worker reads that in its list: voided
a player buys a skin and uses it: granted
the server dies before its worker can acknowledge it; acknowledged: false
two days later a server starts on the same state file and rescues it; after four: granted
a player buys a skin, and the handler fails: granted
the worker's report has 1 purchase that nobody delivered
nobody looked, and after three days the store took it back: purchase_canceled
a player buys gems; the store has consumed them (1) when the server is killed in its handler
the next one resumes it when the player signs in: 100 gems
the client, which never got an answer, asks again: 100 gems
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
