package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// ledger is a redeem.Ledger in the game's own database, which all instances share. It passes
// gatetest.RunLedger.
type ledger struct{ db *sql.DB }

var (
	_ redeem.Ledger = ledger{}
	_ redeem.Pruner = ledger{}
)

// The column finished is when an entry was, 0 if it is not.
const createLedger = `CREATE TABLE IF NOT EXISTS redemptions (
	store TEXT, token TEXT, version INTEGER NOT NULL, account BLOB NOT NULL, finished INTEGER NOT NULL, began INTEGER NOT NULL, entry TEXT NOT NULL,
	PRIMARY KEY (store, token))`

// Entry implements redeem.Ledger.
func (l ledger) Entry(ctx context.Context, store core.StoreID, token string) (redeem.Entry, bool, error) {
	e, err := read(l.db.QueryRowContext(ctx, `SELECT account, entry FROM redemptions WHERE store = ? AND token = ?`, store, token))
	if errors.Is(err, sql.ErrNoRows) {
		return redeem.Entry{}, false, nil
	}
	return e, err == nil, err
}

// Swap implements redeem.Ledger. The statement is the atomic step: a row is put only over the version that
// the caller saw.
func (l ledger) Swap(ctx context.Context, e redeem.Entry) (redeem.Entry, bool, error) {
	if err := e.Check(); err != nil {
		return redeem.Entry{}, false, err
	}
	seen := e.Version
	e.Version++
	entry, err := json.Marshal(e)
	if err != nil {
		return redeem.Entry{}, false, err
	}
	statement := `UPDATE redemptions SET version = ?3, account = ?4, finished = ?5, began = ?6, entry = ?7
		WHERE store = ?1 AND token = ?2 AND version = ?8`
	if seen == 0 {
		statement = `INSERT INTO redemptions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING`
	}
	finished := int64(0)
	if e.Finished() {
		finished = e.FinishedAt().UnixNano()
	}
	args := []any{e.Store, e.Token, e.Version, []byte(e.Account), finished, e.Began.UnixNano(), string(entry), seen}
	if seen == 0 {
		args = args[:7]
	}
	result, err := l.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return redeem.Entry{}, false, err
	}
	switch n, err := result.RowsAffected(); {
	case err != nil:
		return redeem.Entry{}, false, err
	case n == 1:
		return e, true, nil
	}
	stands, _, err := l.Entry(ctx, e.Store, e.Token)
	return stands, false, err
}

// Unfinished implements redeem.Ledger. A busy game puts an index on the unfinished rows' accounts.
func (l ledger) Unfinished(ctx context.Context, account string) ([]redeem.Entry, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT account, entry FROM redemptions WHERE account = ? AND finished = 0 ORDER BY began`, []byte(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []redeem.Entry
	for rows.Next() {
		e, err := read(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// Prune implements redeem.Pruner.
func (l ledger) Prune(ctx context.Context, before time.Time) (int, error) {
	result, err := l.db.ExecContext(ctx, `DELETE FROM redemptions WHERE finished <> 0 AND finished < ?`, before.UnixNano())
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// read takes the account from its own column: JSON would mend one that is not UTF-8.
func read(row interface{ Scan(...any) error }) (e redeem.Entry, err error) {
	var account, entry []byte
	if err = row.Scan(&account, &entry); err != nil {
		return e, err
	}
	err = json.Unmarshal(entry, &e)
	e.Account = string(account)
	return e, err
}
