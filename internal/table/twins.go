package table

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Twins finds lines of one table that ask for the same certificate.
type Twins struct{ lines map[[16]byte]twin }

// NewTwins has seen no line.
func NewTwins() *Twins { return &Twins{lines: map[[16]byte]twin{}} }

type twin struct {
	line int
	sum  [16]byte
}

// Differs reports whether a line repeats an earlier one, or says something else of the same certificate.
func (t *Twins) Differs(r Row) (repeated bool, problem string) {
	var q struct {
		Template    string
		Recipient   struct{ ID string }
		Achievement struct{ ID string }
		Occasion    string
	}
	if json.Unmarshal(r.Request, &q) != nil {
		return false, "" // the daemon says what is wrong with it
	}
	key, _ := json.Marshal([]string{q.Template, q.Recipient.ID, q.Achievement.ID, q.Occasion})
	id, sum := sha256.Sum256(key), sha256.Sum256(r.Request)
	before, ok := t.lines[[16]byte(id[:16])]
	switch {
	case !ok:
		t.lines[[16]byte(id[:16])] = twin{r.Line, [16]byte(sum[:16])}
		return false, ""
	case before.sum != [16]byte(sum[:16]):
		return true, fmt.Sprintf("says something else of the same certificate as line %d: template, recipient.id, achievement.id and occasion are the same; give a second award an occasion of its own", before.line)
	}
	return true, ""
}
