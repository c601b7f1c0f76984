package statefile

import (
	"encoding/binary"
	"encoding/json"

	"go.etcd.io/bbolt"
)

// sum is how many records a bucket has, and what their checksums come to. It tells of records that are
// gone: a damaged page of the database can lose some without a trace.
type sum struct {
	Records  int
	Checksum uint32
}

func (s *sum) add(record []byte) {
	s.Records++
	s.Checksum ^= binary.BigEndian.Uint32(record)
}

func (s *sum) remove(record []byte) {
	s.Records--
	s.Checksum ^= binary.BigEndian.Uint32(record)
}

// sumOf is the sum that is kept of a bucket.
func sumOf(tx *bbolt.Tx, bucket []byte) (s sum, err error) {
	_, err = get(tx, bucketSums, bucket, &s)
	return s, err
}

// count keeps the sum of a bucket in which one record takes the place of another; nil is none.
func count(tx *bbolt.Tx, bucket, was, is []byte) error {
	s, err := sumOf(tx, bucket)
	if err != nil {
		return err
	}
	if was != nil {
		s.remove(was)
	}
	if is != nil {
		s.add(is)
	}
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketSums).Put(bucket, seal(bucket, content))
}
