package record

import (
	"encoding/json"

	bolt "go.etcd.io/bbolt"
)

// jsonRows reads all rows of a bucket whose values are JSON, in the order of their keys.
func jsonRows[T any](tx *bolt.Tx, bucket []byte) (all []T, err error) {
	err = tx.Bucket(bucket).ForEach(func(key, sealed []byte) error {
		value, err := open(bucket, key, sealed)
		if err != nil {
			return err
		}
		var row T
		if err := json.Unmarshal(value, &row); err != nil {
			return damaged(bucket, key, err.Error())
		}
		all = append(all, row)
		return nil
	})
	return all, err
}
