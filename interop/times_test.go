package interop

import (
	"os"
	"slices"
	"strconv"
	"testing"
)

// whenVerified notes when a page came to its verdict, in milliseconds since the visitor set out for it.
const whenVerified = `new MutationObserver(() => {
  const v = document.documentElement && document.documentElement.dataset.verdict;
  if (v && v !== 'unchecked' && v !== 'checking' && !window.verifiedAt) window.verifiedAt = performance.now();
}).observe(document, {subtree: true, attributes: true, childList: true})`

func TestEveryVisitEndsInTheSameVerdictAndItsTimeIsTold(t *testing.T) {
	site := served(t)
	visits, err := strconv.Atoi(os.Getenv("LAUREL_VISITS"))
	if err != nil {
		visits = 2
	}
	page := open(t, browser(t), visitor{language: "en", before: whenVerified})
	var whole, script []float64
	for range visits {
		page.visit(site.base + "/c/" + site.receipts[course].Number + "/")
		if got := page.verdict(); got != "valid" {
			t.Fatalf("the verdict is %s", got)
		}
		at := eval[float64](page, `window.verifiedAt`)
		whole = append(whole, at)
		script = append(script, at-eval[float64](page, `performance.getEntriesByType('navigation')[0].domInteractive`))
	}
	slices.Sort(whole)
	slices.Sort(script)
	t.Logf("%d visits: verified after %.0f ms, %.0f ms of which after the page was read (medians)", visits, whole[visits/2], script[visits/2])
}
