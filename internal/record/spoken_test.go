package record

import (
	"testing"

	"laurel/certlog"
	"laurel/credential"
)

// credential knows no log, so that it gives the kinds as FORMAT.md does.
func TestAStatementHasTheKindOfItsLogEntry(t *testing.T) {
	for s, want := range map[credential.Statement]uint8{
		{Status: Revoked, Code: "error"}:                   certlog.Revoke,
		{Status: Suspended, Code: "review"}:                certlog.Suspend,
		{Status: Valid, Code: "cleared"}:                   certlog.Reinstate,
		{Status: Revoked, Code: credential.CodeSuperseded}: certlog.Supersede,
		{Status: Revoked, Code: credential.CodeErased}:     certlog.Erase,
	} {
		if got := s.Kind(); got != want {
			t.Errorf("%s, %s: kind %d, want %d", s.Status, s.Code, got, want)
		}
	}
}
