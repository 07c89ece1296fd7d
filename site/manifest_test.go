package site

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"laurel/credential"
)

func sampleEntry(n byte) entry {
	e := entry{look: look{template: "course", kind: "course", han: n%2 == 0}}
	e.doc[0] = n
	e.seen.credential = glance{int64(n) + 1, int64(n) + 2}
	for i := range e.made {
		e.made[i] = made{glance: glance{int64(n) + int64(i), int64(i+1)*1e18 + int64(n)}}
		e.made[i].stamp[15-i] = n
	}
	return e
}

func TestTheManifestGivesBackWhatWasLastPut(t *testing.T) {
	state := t.TempDir()
	m := openManifest(state)
	for n := range byte(200) {
		m.put(credential.Number(fmt.Sprintf("%02d%02d-0000-0000-0000", n%40, n)), sampleEntry(n))
	}
	m.put("0000-0000-0000-0000", sampleEntry(77))
	m.drop("0101-0000-0000-0000")
	check := func(when string, m *manifest) {
		t.Helper()
		for n := range byte(200) {
			number := credential.Number(fmt.Sprintf("%02d%02d-0000-0000-0000", n%40, n))
			want, there := sampleEntry(n), n != 1
			if n == 0 {
				want = sampleEntry(77)
			}
			if got, ok := m.get(number); ok != there || ok && got != want {
				t.Fatalf("%s: %s: %+v, %v", when, number, got, ok)
			}
		}
	}
	check("before it is written", m)
	if err := m.flush(alreadySafe); err != nil {
		t.Fatal(err)
	}
	check("after", m)
	check("by the next process", openManifest(state))
}

func TestHalfALineOfACrashCostsThatEntryAlone(t *testing.T) {
	state := t.TempDir()
	m := openManifest(state)
	m.put("AA00-0000-0000-0000", sampleEntry(1))
	m.put("AA11-0000-0000-0000", sampleEntry(2))
	m.flush(alreadySafe)
	path := filepath.Join(state, "manifest", "AA")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for cut := first; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		m := openManifest(state)
		m.put("AA22-0000-0000-0000", sampleEntry(3))
		m.flush(alreadySafe)
		m = openManifest(state)
		if got, ok := m.get("AA00-0000-0000-0000"); !ok || got != sampleEntry(1) {
			t.Fatalf("cut at %d: the line before is lost", cut)
		}
		if got, ok := m.get("AA11-0000-0000-0000"); ok && got != sampleEntry(2) {
			t.Fatalf("cut at %d: half a line was believed: %+v", cut, got)
		}
		if got, ok := m.get("AA22-0000-0000-0000"); !ok || got != sampleEntry(3) {
			t.Fatalf("cut at %d: the line after is lost", cut)
		}
	}
}

func TestOutdatedLinesAreCompactedAway(t *testing.T) {
	state := t.TempDir()
	m := openManifest(state)
	for n := range byte(100) {
		m.put("AA00-0000-0000-0000", sampleEntry(n))
	}
	m.flush(alreadySafe)
	m = openManifest(state)
	if got, ok := m.get("AA00-0000-0000-0000"); !ok || got != sampleEntry(99) {
		t.Errorf("got %+v, %v", got, ok)
	}
	data, err := os.ReadFile(filepath.Join(state, "manifest", "AA"))
	if err != nil || bytes.Count(data, []byte("\n")) != 1 {
		t.Errorf("%d lines are left of 100 about one certificate, %v", bytes.Count(data, []byte("\n")), err)
	}
}

func TestManyShardsDoNotStayInMemory(t *testing.T) {
	m := openManifest(t.TempDir())
	for n := range 100 {
		m.get(credential.Number(fmt.Sprintf("%02d00-0000-0000-0000", n)))
	}
	if len(m.shards) > m.keep || len(m.recent) > m.keep {
		t.Errorf("%d shards are held", len(m.shards))
	}
}

func alreadySafe() error { return nil }
