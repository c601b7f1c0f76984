// Package gatetest tests what is built for skugate: routes of a game, adapters for web frameworks, clients of
// stores, and places where state is kept. It is for tests only.
//
// A game that tests its own routes starts with Store, a store that answers what the test told it to. A
// test of one handler needs no gate at all: core.NewContext puts a decision where an adapter would.
//
// Who writes an adapter calls RunAdapter: what passes it answers byte for byte as the adapters of
// net/http, gin and fiber do (core/docs/adding-an-adapter.md). Who writes a client of another store calls
// RunStore, which stands between the client and a fake of its market and does what goes wrong there
// (core/docs/adding-a-store.md). Who writes a core.Owners, Outbox, Voids or Facts, or a redeem.Ledger, calls
// RunOwners and its siblings.
//
// # Exceptions
//
// The adapters answer alike, but the frameworks do not read alike. These are the requests that do not
// end as they do under net/http, with the status (and the reason, if the gate was asked) that stands
// in its place. None of them lets anybody in whom the gate would not. The suite checks the list.
//
// gin reads as net/http does. fiber, on fasthttp:
//
//   - a token of 5 KB: 431, fiber reads a request's head into 4,096 bytes unless fiber.Config.ReadBufferSize says otherwise
//   - an Expect that nobody knows, and somebody else's token: 403 not_owned, fasthttp leaves it to the handler
//   - a Transfer-Encoding that is none, and somebody else's token: 403 not_owned, fasthttp reads "identity" as no encoding
//   - a refusal does not ask for a body that waits for leave: 100, fasthttp reads the body before any handler runs
//
// Besides, fasthttp does not tell a handler that its client is gone: a check for nobody goes on until
// it is decided or Config.Timeout is over.
package gatetest
