package credential

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"laurel/internal/jcs"
)

// StatusListSize is the number of entries in a status list, the least that Bitstring Status List v1.0
// allows.
const StatusListSize = 131072

const statusBytes = StatusListSize / 8

// StatusList is a Bitstring Status List: one bit for each certificate that was given a place in it.
type StatusList struct {
	URL       string    // BASE/status/PURPOSE/N.json
	Issuer    string    // DID
	Purpose   string    // revocation or suspension
	ValidFrom time.Time // read back with the zone it was written in
	Bits      []byte    // StatusListSize bits, the first the most significant one of Bits[0]
}

// Get returns the bit of an index, true for revoked or suspended. The error says that the index is not
// below StatusListSize.
func (l *StatusList) Get(index uint32) (bool, error) {
	if index >= StatusListSize || int(index/8) >= len(l.Bits) {
		return false, fmt.Errorf("status index %d is not below %d", index, StatusListSize)
	}
	return l.Bits[index/8]&(0x80>>(index%8)) != 0, nil
}

// Set gives the bit of an index a value. The error says that the index is not below StatusListSize.
func (l *StatusList) Set(index uint32, on bool) error {
	if _, err := l.Get(index); err != nil {
		return err
	}
	if mask := byte(0x80 >> (index % 8)); on {
		l.Bits[index/8] |= mask
	} else {
		l.Bits[index/8] &^= mask
	}
	return nil
}

// listDocument is the signed form of a StatusList.
type listDocument struct {
	context, types []string
	id, issuer     string
	validFrom      string
	subjectID      string
	subjectType    string
	purpose        string
	encodedList    string
	proof          []Proof
}

// SignStatusList makes both proofs over l and returns the JCS bytes that are published. The error is
// ErrFormat where l is not of the supported shape, else the signer's.
func SignStatusList(l *StatusList, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	if len(l.Bits) != statusBytes {
		return nil, fmt.Errorf("%w: a status list of %d bytes, must be %d", ErrFormat, len(l.Bits), statusBytes)
	}
	encoded, err := encodeBits(l.Bits)
	if err != nil {
		return nil, err
	}
	d := &listDocument{
		context: []string{contextVC}, types: []string{"VerifiableCredential", "BitstringStatusListCredential"},
		id: l.URL, issuer: l.Issuer, validFrom: l.ValidFrom.Format(time.RFC3339),
		subjectID: l.URL + "#list", subjectType: "BitstringStatusList", purpose: l.Purpose, encodedList: encoded,
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	unsigned, at := appendList(nil, d)
	proofs, err := signSet(d.hashes(unsigned), d.issuer, d.context, key, method, created)
	if err != nil {
		return nil, err
	}
	return join(unsigned, at, proofs), nil
}

// VerifyStatusList reads a status list and checks both of its proofs. doc may be formatted in any way.
// Nothing is decompressed beyond the expected size. Errors: ErrFormat, ErrForeign, ErrUnknownKey, ErrProof.
func VerifyStatusList(doc []byte, keys Keys) (*StatusList, error) {
	d, err := decodeList(doc)
	if err != nil {
		return nil, err
	}
	if err := keys.accept(d.issuer); err != nil {
		return nil, err
	}
	unsigned, _ := appendList(nil, d)
	if err := verifySet(d.hashes(unsigned), d.proof, d.context, keys); err != nil {
		return nil, err
	}
	return d.list()
}

// DecodeStatusList reads a status list and checks no proof, for its own signer, who keeps it where nobody else writes.
// Errors: ErrFormat, ErrForeign.
func DecodeStatusList(doc []byte) (*StatusList, error) {
	d, err := decodeList(doc)
	if err != nil {
		return nil, err
	}
	return d.list()
}

func decodeList(doc []byte) (*listDocument, error) {
	d := new(listDocument)
	if err := read(doc, d.read); err != nil {
		return nil, refuse(doc, err)
	}
	if err := d.check(); err != nil {
		return nil, refuse(doc, err)
	}
	return d, nil
}

// list reads what the document says. Nothing is decompressed beyond the expected size.
func (d *listDocument) list() (*StatusList, error) {
	bits, err := decodeBits(d.encodedList)
	if err != nil {
		return nil, err
	}
	validFrom, err := time.Parse(time.RFC3339, d.validFrom)
	if err != nil {
		return nil, fmt.Errorf("%w: validFrom: %w", ErrFormat, err)
	}
	return &StatusList{URL: d.id, Issuer: d.issuer, Purpose: d.purpose, ValidFrom: validFrom, Bits: bits}, nil
}

func (d *listDocument) hashes(unsigned []byte) contentHashes {
	return contentHashes{
		rdfc: sha256.Sum256(appendListQuads(nil, d)),
		jcs:  sha256.Sum256(unsigned),
	}
}

func (d *listDocument) check() error {
	var s shape
	s.only("@context", d.context, contextVC)
	s.only("type", d.types, "VerifiableCredential", "BitstringStatusListCredential")
	host, ok := didHost(d.issuer)
	s.must(ok, "issuer", d.issuer, "a did:web of a host")
	_, address, _ := strings.Cut(d.id, "://")
	base := strings.TrimSuffix(d.id, strings.TrimPrefix(address, host))
	did, err := DIDWeb(base)
	s.must(err == nil && did == d.issuer, "id", d.id, "under the address of the issuer "+d.issuer)
	s.must(d.purpose == "revocation" || d.purpose == "suspension", "credentialSubject.statusPurpose", d.purpose, "revocation or suspension")
	name, ok := strings.CutPrefix(d.id, base+"/status/"+d.purpose+"/")
	list, isJSON := strings.CutSuffix(name, listSuffix)
	s.must(ok && isJSON && isCount(list, 1<<31), "id", d.id, "the base address, /status/, the purpose, a slash, a number and .json")
	s.date("validFrom", d.validFrom)
	s.is("credentialSubject.id", d.subjectID, d.id+"#list")
	s.is("credentialSubject.type", d.subjectType, "BitstringStatusList")
	encoded, ok := strings.CutPrefix(d.encodedList, "u")
	s.must(ok && isBase64URL(encoded), "credentialSubject.encodedList", d.encodedList, "the letter u and base64url")
	return s.err()
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isUnreserved(c) || c == '.' || c == '~' {
			return false
		}
	}
	return s != ""
}

func (d *listDocument) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "@context":
			return readStrings(r, &d.context)
		case "id":
			return readText(r, &d.id)
		case "type":
			return readStrings(r, &d.types)
		case "issuer":
			return readText(r, &d.issuer)
		case "validFrom":
			return readText(r, &d.validFrom)
		case "credentialSubject":
			return d.readSubject(r)
		case "proof":
			return readList(r, &d.proof, (*Proof).read)
		}
		return unknown(r, name)
	})
}

func (d *listDocument) readSubject(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "id":
			return readText(r, &d.subjectID)
		case "type":
			return readText(r, &d.subjectType)
		case "statusPurpose":
			return readText(r, &d.purpose)
		case "encodedList":
			return readText(r, &d.encodedList)
		}
		return unknown(r, name)
	})
}

// appendList appends the JCS form of d without its proofs, and returns where they have their place.
func appendList(dst []byte, d *listDocument) (_ []byte, proofAt int) {
	dst = appendStrings(append(dst, `{"@context":`...), d.context)
	dst = appendMember(dst, `,"credentialSubject":{"encodedList":`, d.encodedList)
	dst = appendMember(dst, `,"id":`, d.subjectID)
	dst = appendMember(dst, `,"statusPurpose":`, d.purpose)
	dst = appendMember(dst, `,"type":`, d.subjectType)
	dst = appendMember(dst, `},"id":`, d.id)
	dst = appendMember(dst, `,"issuer":`, d.issuer)
	dst = append(dst, ',')
	proofAt = len(dst)
	dst = appendStrings(append(dst, `"type":`...), d.types)
	dst = appendMember(dst, `,"validFrom":`, d.validFrom)
	return append(dst, '}'), proofAt
}

// encodeBits returns the multibase base64url of the compressed bits. The gzip header holds no time and no
// name, so that the same bits give the same text.
func encodeBits(bits []byte) (string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(bits)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return "", fmt.Errorf("compressing a status list: %w", err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes()), nil
}

// decodeBits reads exactly one gzip member of exactly statusBytes bytes.
func decodeBits(encoded string) ([]byte, error) {
	packed, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(encoded, "u"))
	if err != nil {
		return nil, fmt.Errorf("%w: encodedList: %w", ErrFormat, err)
	}
	source := bytes.NewReader(packed)
	z, err := gzip.NewReader(source)
	if err != nil {
		return nil, fmt.Errorf("%w: encodedList: %w", ErrFormat, err)
	}
	z.Multistream(false)
	bits := make([]byte, statusBytes)
	if _, err := io.ReadFull(z, bits); err != nil {
		return nil, fmt.Errorf("%w: encodedList: fewer than %d bits: %w", ErrFormat, StatusListSize, err)
	}
	// The end of the stream, where its checksum is compared, must come next, and be the end of everything.
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF || source.Len() != 0 {
		return nil, fmt.Errorf("%w: encodedList does not hold exactly %d bits", ErrFormat, StatusListSize)
	}
	return bits, nil
}
