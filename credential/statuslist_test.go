package credential

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

func testList(purpose string) *StatusList {
	return &StatusList{
		URL: testBase + "/status/" + purpose + "/0.json", Issuer: testDID, Purpose: purpose,
		ValidFrom: testCreated, Bits: make([]byte, StatusListSize/8),
	}
}

func statusListDoc(t testing.TB, purpose string) []byte {
	t.Helper()
	doc, err := SignStatusList(testList(purpose), testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAStatusListIsReadBack(t *testing.T) {
	for _, purpose := range []string{"revocation", "suspension"} {
		l := testList(purpose)
		l.Bits[0], l.Bits[len(l.Bits)-1] = 0b1000_0001, 1
		doc, err := SignStatusList(l, testKey, testMethod, testCreated)
		if err != nil {
			t.Fatal(err)
		}
		if err := Canonical(doc); err != nil {
			t.Error(err)
		}
		got, err := VerifyStatusList(doc, testKeys)
		if err != nil {
			t.Fatal(err)
		}
		if got.URL != l.URL || got.Issuer != l.Issuer || got.Purpose != purpose || !got.ValidFrom.Equal(l.ValidFrom) || !bytes.Equal(got.Bits, l.Bits) {
			t.Errorf("read back as %s, %s, %s, %s", got.URL, got.Issuer, got.Purpose, got.ValidFrom)
		}
		for index, want := range map[uint32]bool{0: true, 1: false, 6: false, 7: true, 8: false, StatusListSize - 2: false, StatusListSize - 1: true} {
			if set, err := got.Get(index); err != nil || set != want {
				t.Errorf("bit %d is %v, %v", index, set, err)
			}
		}
		if _, err := got.Get(StatusListSize); err == nil {
			t.Error("a bit behind the end")
		}
	}
}

func TestTheSameBitsGiveTheSameBytes(t *testing.T) {
	if !bytes.Equal(statusListDoc(t, "revocation"), statusListDoc(t, "revocation")) {
		t.Error("two lists of the same bits differ")
	}
}

func TestEveryChangedCharacterOfAStatusListIsRefused(t *testing.T) {
	eachChangedCharacter(t, statusListDoc(t, "suspension"), func(where string, doc []byte) {
		if _, err := VerifyStatusList(doc, testKeys); err == nil {
			t.Errorf("%s changed and accepted", where)
		}
	})
}

func TestSignStatusListRefusesAnotherShape(t *testing.T) {
	for name, change := range map[string]func(*StatusList){
		"a bit too few":         func(l *StatusList) { l.Bits = l.Bits[1:] },
		"a byte too many":       func(l *StatusList) { l.Bits = append(l.Bits, 0) },
		"another purpose":       func(l *StatusList) { l.Purpose = "message" },
		"another address":       func(l *StatusList) { l.URL = "https://example.org/status/revocation/0.json" },
		"the other list's":      func(l *StatusList) { l.URL = testBase + "/status/suspension/0.json" },
		"a path that leads up":  func(l *StatusList) { l.URL = testBase + "/status/revocation/../0.json" },
		"a zero in front":       func(l *StatusList) { l.URL = testBase + "/status/revocation/00.json" },
		"no issuer":             func(l *StatusList) { l.Issuer = "" },
		"a year of five digits": func(l *StatusList) { l.ValidFrom = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		l := testList("revocation")
		change(l)
		if doc, err := SignStatusList(l, testKey, testMethod, testCreated); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
	}
}

func TestVerifyStatusListRefusesOtherDocuments(t *testing.T) {
	list := string(statusListDoc(t, "revocation"))
	for name, test := range map[string]struct {
		doc  string
		want error
	}{
		"a credential":      {string(signed(t, courseFacts())), ErrFormat},
		"nothing":           {"", ErrFormat},
		"an unknown member": {strings.Replace(list, `"statusPurpose"`, `"ttl":"1","statusPurpose"`, 1), ErrFormat},
		"a foreign list":    {strings.ReplaceAll(list, "certs.example.org", "lists.example.org/x"), ErrForeign},
		"another Laurel":    {strings.ReplaceAll(list, "certs.example.org", "lists.example.org"), ErrForeign},
		"no proof":          {list[:strings.Index(list, `"proof"`)] + list[strings.Index(list, `"type":["Verif`):], ErrProof},
	} {
		if _, err := VerifyStatusList([]byte(test.doc), testKeys); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestDecompressionIsBoundedAndExact(t *testing.T) {
	pack := func(parts ...[]byte) string {
		var b bytes.Buffer
		for _, part := range parts {
			z := gzip.NewWriter(&b)
			z.Write(part)
			z.Close()
		}
		return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
	}
	whole := make([]byte, statusBytes)
	good := pack(whole)
	raw, err := base64.RawURLEncoding.DecodeString(good[1:])
	if err != nil {
		t.Fatal(err)
	}
	again := func(b []byte) string { return "u" + base64.RawURLEncoding.EncodeToString(b) }
	broken := bytes.Clone(raw)
	broken[len(broken)-6] ^= 1 // in the checksum
	if bits, err := decodeBits(good); err != nil || !bytes.Equal(bits, whole) {
		t.Fatal(err)
	}
	for name, encoded := range map[string]string{
		"a bomb":                pack(make([]byte, 1<<26)),
		"a byte too few":        pack(whole[1:]),
		"a byte too many":       pack(append(whole, 0)),
		"two members":           pack(whole[:100], whole[100:]),
		"a second empty member": pack(whole, nil),
		"bytes behind it":       again(append(bytes.Clone(raw), 0)),
		"no checksum":           again(raw[:len(raw)-8]),
		"a wrong checksum":      again(broken),
		"no gzip":               "uAAAA",
		"nothing":               "u",
		"padding":               good + "=",
		"loose last bits":       good[:len(good)-1] + "B",
	} {
		if bits, err := decodeBits(encoded); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %d bytes, %v", name, len(bits), err)
		}
	}
}

func TestStatusIndexesAreAPermutationThatTheKeyDetermines(t *testing.T) {
	for _, key := range [][32]byte{{}, {1}, {31: 1}} {
		seen := make([]bool, StatusListSize)
		near := 0
		last := uint32(0)
		for counter := range uint32(StatusListSize) {
			index := StatusIndex(key, counter)
			if index >= StatusListSize || seen[index] {
				t.Fatalf("key %x, counter %d: index %d is out of range or taken", key[:2], counter, index)
			}
			seen[index] = true
			if counter > 0 && (index-last+64 < 128) {
				near++
			}
			last = index
		}
		// By chance 1 in 1024 neighbours would stand within 64 places of each other: 128 of them.
		if near > 256 {
			t.Errorf("key %x: %d neighbours in time are neighbours in the list", key[:2], near)
		}
	}
}

// The places of published certificates hang on these; the values were computed by another implementation.
func TestStatusIndexesNeverChange(t *testing.T) {
	key := [32]byte([]byte("a key for tests: 32 bytes long!!"))
	var got [5]uint32
	for i, counter := range []uint32{0, 1, 2, 511, StatusListSize - 1} {
		got[i] = StatusIndex(key, counter)
	}
	if want := [5]uint32{125154, 30465, 122747, 83388, 1194}; got != want {
		t.Errorf("%d, want %d", got, want)
	}
}

func BenchmarkStatusIndex(b *testing.B) {
	for b.Loop() {
		StatusIndex([32]byte{1}, 7)
	}
}
