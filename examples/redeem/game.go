package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"github.com/skugate/skugate/core/redeem"
)

// game is what the players own.
type game struct {
	db   *sql.DB
	fail string // what goes wrong with the next grant: "", "before" or "after" its commit
}

// addGems delivers a redemption. Only its success is a 2xx.
func (g *game) addGems(w http.ResponseWriter, r *http.Request) {
	redemption, ok := redeem.FromContext(r.Context())
	if !ok {
		http.Error(w, "not behind Redeem", http.StatusInternalServerError)
		return
	}
	if err := g.grant(r.Context(), redemption); err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

var errDatabase = errors.New("the database went away")

// grant is the one transaction that makes "at least once" an "exactly once": the redemption's id, which is
// unique, stands or falls with the gems.
func (g *game) grant(ctx context.Context, r redeem.Redemption) error {
	fail := g.fail
	g.fail = ""
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	inserted, err := tx.ExecContext(ctx, `INSERT INTO grants (redemption, player) VALUES (?, ?) ON CONFLICT DO NOTHING`, r.ID, r.Account)
	if err != nil {
		return err
	}
	switch n, err := inserted.RowsAffected(); {
	case err != nil:
		return err
	case n == 0:
		return nil // an earlier attempt granted it
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO gems (player, balance) VALUES (?1, ?2)
		ON CONFLICT (player) DO UPDATE SET balance = balance + ?2`, r.Account, 100*r.Quantity)
	if err != nil {
		return err
	}
	if fail == "before" {
		return errDatabase
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if fail == "after" {
		return errDatabase
	}
	return nil
}

// balance is how many gems a player has.
func (g *game) balance(player string) int {
	var n int
	if err := g.db.QueryRow(`SELECT balance FROM gems WHERE player = ?`, player).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		panic(err)
	}
	return n
}
