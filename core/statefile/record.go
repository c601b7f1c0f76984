package statefile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"go.etcd.io/bbolt"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("a record's checksum is wrong")

// seal is a record as it is kept: a checksum of its key and its content, and the content.
func seal(key, content []byte) []byte {
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content)
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(content)), sum), content...)
}

// unseal is the content of a record. It is valid as long as the transaction.
func unseal(key, record []byte) ([]byte, error) {
	if len(record) < 4 {
		return nil, errChecksum
	}
	content := record[4:]
	if crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content) != binary.BigEndian.Uint32(record) {
		return nil, errChecksum
	}
	return content, nil
}

// put keeps v under key.
func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return putContent(tx, bucket, key, content)
}

func putContent(tx *bbolt.Tx, bucket, key, content []byte) error {
	b := tx.Bucket(bucket)
	record := seal(key, content)
	if err := count(tx, bucket, b.Get(key), record); err != nil {
		return err
	}
	return b.Put(key, record)
}

// drop drops what is kept under key, if anything is.
func drop(tx *bbolt.Tx, bucket, key []byte) error {
	b := tx.Bucket(bucket)
	if err := count(tx, bucket, b.Get(key), nil); err != nil {
		return err
	}
	return b.Delete(key)
}

// get reads what is kept under key into v; false if nothing is.
func get(tx *bbolt.Tx, bucket, key []byte, v any) (bool, error) {
	record := tx.Bucket(bucket).Get(key)
	if record == nil {
		return false, nil
	}
	return true, read(key, record, v)
}

// follow reads into v what an index says is kept under key.
func follow(tx *bbolt.Tx, bucket, key []byte, v any) error {
	ok, err := get(tx, bucket, key, v)
	if err == nil && !ok {
		err = fmt.Errorf("%w: an index of %q names a record that is not there", ErrCorrupt, bucket)
	}
	return err
}

// read reads a record into v.
func read(key, record []byte, v any) error {
	content, err := unseal(key, record)
	if err == nil {
		err = json.Unmarshal(content, v)
	}
	return err
}

// joinKey makes one key of parts that may hold anything: no two lists of parts have the same.
func joinKey(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += binary.MaxVarintLen64 + len(p)
	}
	key := make([]byte, 0, n)
	for _, p := range parts {
		key = append(binary.AppendUvarint(key, uint64(len(p))), p...)
	}
	return key
}

// timeKey puts an instant before a key, so that keys are in its order to the nanosecond.
func timeKey(t time.Time, key []byte) []byte {
	// The sign is turned over so that instants before 1970 come first.
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(key)), uint64(t.UnixNano())^(1<<63)), key...)
}
