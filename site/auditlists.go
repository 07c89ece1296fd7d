package site

import (
	"errors"
	"io/fs"
	"math/bits"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// lists makes every status list anew from the entries of the log, and compares.
func (a *auditor) lists() error {
	last := uint32(0)
	spots := map[spot]auditedSpot{}
	for _, p := range a.state.Places {
		spots[spot{p.List, p.Index}] = p
		last = max(last, p.List)
	}
	for n := uint32(0); ; n++ {
		there := 0
		for _, purpose := range []string{Revocation, Suspension} {
			path := StatusListPath(purpose, int(n))
			data, err := a.source.File(path)
			switch {
			case errors.Is(err, fs.ErrNotExist):
			case err != nil:
				return err
			default:
				there++
				a.list(path, purpose, n, data, spots)
			}
		}
		switch {
		case there == 1, there == 0 && n <= last:
			a.find(Dropped, StatusListPath(Revocation, int(n)), "one of the two lists with the number %d is not there, or both", n)
		case there == 0:
			return nil
		}
	}
}

// list compares one list with what the log says of its places.
func (a *auditor) list(path, purpose string, n uint32, data []byte, spots map[spot]auditedSpot) {
	l, err := credential.VerifyStatusList(data, a.keys)
	if err != nil || l.URL != a.site.BaseURL+"/"+path || l.Purpose != purpose {
		a.find(Unreadable, path, "it is not that list, signed by the issuer: %v", err)
		return
	}
	want := make([]byte, len(l.Bits))
	for at, p := range spots {
		if at.list == n && int(at.index/8) < len(want) && p.sets(purpose) {
			want[at.index/8] |= 0x80 >> (at.index % 8)
		}
	}
	for i := range want {
		for diff := want[i] ^ l.Bits[i]; diff != 0; {
			bit := bits.LeadingZeros8(diff)
			diff &^= 0x80 >> bit
			index := uint32(i*8 + bit)
			a.differs(path, l, index, want[i]&(0x80>>bit) != 0, spots[spot{n, index}])
		}
	}
}

// sets reports whether the log's last word on a place sets its bit in the lists of a purpose.
func (p auditedSpot) sets(purpose string) bool {
	switch p.Kind {
	case certlog.Revoke, certlog.Supersede, certlog.Erase:
		return purpose == Revocation
	case certlog.Suspend:
		return purpose == Suspension
	}
	return false
}

// differs judges a bit that is not as the log has it. What was recorded, or signed, a moment ago may not have reached
// every cache.
func (a *auditor) differs(path string, l *credential.StatusList, index uint32, want bool, p auditedSpot) {
	recorded := time.UnixMilli(p.Time).UTC()
	settled := a.report.AsOf.Add(-auditTolerance)
	switch {
	case p.Count > 0 && recorded.After(settled), !want && l.ValidFrom.After(a.report.AsOf):
	case want:
		a.find(Unrevoked, path, "the log has withdrawn what stands at index %d, on %s; the list, of %s, does not say so", index, recorded.Format(time.RFC3339), l.ValidFrom.UTC().Format(time.RFC3339))
	case p.Count > 0:
		a.find(Unrecorded, path, "the log has reinstated what stands at index %d, on %s; the list, of %s, withdraws it", index, recorded.Format(time.RFC3339), l.ValidFrom.UTC().Format(time.RFC3339))
	default:
		a.find(Unrecorded, path, "index %d is withdrawn, and the log has no entry of it", index)
	}
}
