package credential

import (
	"crypto"
	"time"
)

// StatusListSize is the number of entries in a status list.
const StatusListSize = 131072

// StatusList is a Bitstring Status List.
type StatusList struct {
	URL       string // BASE/status/PURPOSE/N.json
	Issuer    string // DID
	Purpose   string // revocation or suspension
	ValidFrom time.Time
	Bits      []byte // StatusListSize bits, the first one the most significant of Bits[0]
}

// SignStatusList makes both proofs and returns the JCS bytes that are published.
func SignStatusList(l *StatusList, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	panic("not written yet")
}

// VerifyStatusList reads a status list and checks both proofs. Errors: ErrFormat, ErrForeign, ErrUnknownKey, ErrProof.
func VerifyStatusList(doc []byte, keys Keys) (*StatusList, error) { panic("not written yet") }

// Get returns the bit of an index.
func (l *StatusList) Get(index uint32) (bool, error) { panic("not written yet") }

// StatusIndex returns the place of the counter-th certificate of a list: a permutation of 0 … 131071
// that key determines, so that neighbours in time are not neighbours in the list.
func StatusIndex(key [32]byte, counter uint32) uint32 { panic("not written yet") }
