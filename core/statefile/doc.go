// Package statefile keeps what a gate must not forget in one file, embedded in the process: no server
// to run. It holds the owners' registry, the outbox of acknowledgements, the voids with their
// checkpoints, the snapshot of facts and the ledger of redemptions.
//
//	state, err := statefile.Open("/var/lib/game/skugate.db", statefile.Options{})
//	defer state.Close()
//	gate, err := core.New(core.Config{
//		Stores: []core.Store{store},
//		Owners: state.Owners(), Outbox: state.Outbox(), Voids: state.Voids(), Facts: state.Facts(),
//	})
//
// One process owns a file; several instances of a game share one with package fleet. The file must lie
// on a local file system that has file locks and hard links.
//
// # What is promised
//
// A method that returned without an error has its change on the disk, flushed; a process that is killed
// at any instant, or a machine that loses power, finds it there again. Changes that arrive at the same
// time share one flush. Only what Facts saves is not worth a flush of its own.
//
// A file that is corrupt, of a newer version or in use is an error of Open (ErrCorrupt, ErrNewer,
// ErrInUse). It is never replaced by a fresh one: what to do about it is an operator's decision, because
// it is players' purchases that are in it. Open reads the whole file once, and every record carries a
// checksum.
//
// A disk that reports an error while it flushes may have kept any part of what it was given. The file
// then refuses everything until it is opened again, which finds out. A full disk is
// not such an error, nor is a limit that the file may not grow beyond: what finds no room is refused, and when
// there is some again the next change is made.
package statefile
