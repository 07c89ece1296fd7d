package site

import (
	"encoding/json"
	"fmt"
	"time"

	"laurel/certlog"
)

// AuditState is what a monitor remembers from one visit to the next.
type AuditState struct {
	Version    int           `json:"version"` // 1
	LogKey     string        `json:"log_key"`
	Checkpoint string        `json:"checkpoint"` // signed, as it was seen
	AsOf       time.Time     `json:"as_of"`      // of its cosignature
	LastEntry  int64         `json:"last_entry"` // time of the newest entry, in Unix ms
	Issues     int64         `json:"issues"`     // how many entries are of an issue
	Key        *auditedKey   `json:"key"`        // the newest entry of the keys; absent where there is none
	Places     []auditedSpot `json:"places"`     // all that ever had a status, by list and index
}

// auditedSpot is what the log says of one place in the status lists.
type auditedSpot struct {
	List  uint32 `json:"list"`
	Index uint32 `json:"index"`
	Kind  uint8  `json:"kind"`  // of the last entry
	Time  int64  `json:"time"`  // of the last entry, in Unix ms
	Count int    `json:"count"` // of entries
}

// auditedKey is an entry of the log that records a version of the key history.
type auditedKey struct {
	Index  int64  `json:"index"`
	Time   int64  `json:"time"`   // in Unix ms
	Digest string `json:"digest"` // of that version, in hexadecimal
}

// ParseAuditState reads a state as JSON.
func ParseAuditState(data []byte) (*AuditState, error) {
	s := new(AuditState)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("not the state of an audit: %w", err)
	}
	if s.Version != 1 || s.LogKey == "" {
		return nil, fmt.Errorf("not the state of an audit by this version: version %d", s.Version)
	}
	_, err := s.seen()
	return s, err
}

// seen is the checkpoint of the last visit; that of an empty log before the first.
func (s *AuditState) seen() (certlog.Head, error) {
	if s.Checkpoint == "" {
		return new(certlog.Tree).Head(), nil
	}
	c, err := certlog.PeekCheckpoint([]byte(s.Checkpoint))
	if err != nil {
		return certlog.Head{}, fmt.Errorf("the state of the audit: %w", err)
	}
	return c.Head, nil
}
