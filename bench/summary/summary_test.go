package main

import (
	"strings"
	"testing"
)

func TestEveryRowIsThereWithItsRatioOrSaysThatItWasLeftOut(t *testing.T) {
	all := figures{}
	for _, r := range rows() {
		if r.beside != "" {
			all[r.here], all[r.beside] = 3, 2
		}
	}
	all.read("    times_test.go:42: 20 visits: verified after 90 ms, 30 ms of which after the page was read (medians)\n" +
		"BenchmarkPlain/classical \t  12\t 98000000 ns/op\t 250.0 cpu-ms/op\t 900000 filebytes\t 12 B/op\n" +
		"BenchmarkPNG/classical \t 1200\t 980000 ns/op\t 1.25 cpu-ms/op\n")
	var out strings.Builder
	if err := table(&out, all); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")[1:]
	if len(lines) != len(rows()) {
		t.Errorf("%d lines for %d rows", len(lines), len(rows()))
	}
	for line, want := range map[string]string{lines[0]: " 0.005", lines[1]: " 1.5", lines[9]: "60.0 ms       1.5"} {
		if !strings.HasSuffix(line, want) {
			t.Errorf("%q does not end with %s", line, want)
		}
	}
	delete(all, "Visit whole-ms")
	out.Reset()
	if err := table(&out, all); err != nil || !strings.Contains(out.String(), "visit until its verdict, in Chromium                      –   left out") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
