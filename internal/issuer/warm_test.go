package issuer

import (
	"context"
	"testing"
)

func TestASampleOfEveryTemplateIsPaintedAndNothingOfItIsRecorded(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	if err := r.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	head, err := r.store.Head(context.Background())
	if err != nil || head.Size != 0 {
		t.Errorf("the log has %d entries (%v)", head.Size, err)
	}
}
