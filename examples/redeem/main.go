// Command redeem sells 100 gems for money, once: a game on SQLite in front of a fake ONE store, all in this
// process. Whatever breaks between the payment and the gems, the player gets them, and gets them once.
//
//	cd examples/redeem && go run .
//
// It is a module of its own, so that no game links SQLite because of it.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	_ "modernc.org/sqlite"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/nethttpmw"
)

func main() {
	log.SetFlags(0)
	if err := play(os.Stdout); err != nil {
		log.Fatal("redeem: ", err)
	}
}

// play goes through the ways in which a sale can go wrong.
func play(out io.Writer) error {
	store := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	client, err := onestore.New(onestore.Config{
		ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: store.RoundTripper()},
	})
	if err != nil {
		return err
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}})
	if err != nil {
		return err
	}
	defer gate.Close(context.Background())
	db, err := open("file:game?mode=memory")
	if err != nil {
		return err
	}
	defer db.Close()
	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: ledger{db}})
	if err != nil {
		return err
	}
	g := &game{db: db}

	gems := onestore.InApp("gems_100").Consumable()
	player := func(r *http.Request) string { return r.Header.Get("X-Player") } // the game's own authentication
	who := nethttpmw.TokenHeader("X-Purchase-Token", player)
	mux := http.NewServeMux()
	mux.Handle("POST /gems", nethttpmw.Redeem(redeemer, gems, who)(http.HandlerFunc(g.addGems)))
	if err := gate.Validate(); err != nil {
		return err
	}

	token := store.Buy(onestoretest.InApp("gems_100"), onestoretest.Label(gate.Label("mina")), onestoretest.Quantity(2))
	post := func(what, player string) {
		r := httptest.NewRequest(http.MethodPost, "/gems", nil)
		r.Header.Set("X-Player", player)
		r.Header.Set("X-Purchase-Token", token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Fprintf(out, "%-52s %d, %s has %d gems\n", what, w.Code, player, g.balance(player))
	}
	post("mallory guessed mina's token:", "mallory")
	store.Fail(onestoretest.Fault{Op: onestoretest.OpConsumePurchase, Times: 1, Effect: onestoretest.LoseAnswer()})
	post("the store consumes, and its answer is lost:", "mina")
	g.fail = "before"
	post("the database fails before the commit:", "mina")
	g.fail = "after"
	post("the commit holds, and its answer is lost:", "mina")
	post("resumed, with the same redemption:", "mina")
	post("repeated by a client that lost its answer:", "mina")
	post("mallory again:", "mallory")
	return nil
}

// open makes the game's tables: the players' gems, the redemptions that were granted, and the ledger.
func open(source string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // a database in memory is its connection's
	for _, table := range []string{
		`CREATE TABLE IF NOT EXISTS gems (player TEXT PRIMARY KEY, balance INTEGER NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS grants (redemption TEXT PRIMARY KEY, player TEXT NOT NULL)`,
		createLedger,
	} {
		if _, err := db.Exec(table); err != nil {
			return nil, err
		}
	}
	return db, nil
}
