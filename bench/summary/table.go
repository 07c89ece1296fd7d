package main

import (
	"fmt"
	"io"
)

// row is a figure beside another.
type row struct {
	what, here   string // what is measured, and its name among the figures
	than, beside string // what it is held against, the same
	unit         string
	less         string // what is taken from here to have beside; "" where beside is a figure of its own
}

func rows() []row {
	const certificate = "Certificate/classical "
	all := []row{
		{what: "picture, traditional, from values to file", here: "PNG/classical cpu-ms/op", than: "the same by gg alone", beside: "Plain/classical cpu-ms/op", unit: "ms"},
		{what: "picture, modern", here: "PNG/modern cpu-ms/op", than: "the same by gg alone", beside: "Plain/modern cpu-ms/op", unit: "ms"},
		{what: "all of a certificate: page, picture, PDF", here: certificate + "cpu-ms/op", than: "the picture alone by gg alone", beside: "Plain/classical cpu-ms/op", unit: "ms"},
		{what: "build of 1,000 with all files", here: "Build/1000 build-s", than: "copying the finished files", beside: "Build/1000 copy-s", unit: "s"},
		{what: "— processor", here: "Build/1000 build-cpu-s", than: "copying the finished files", beside: "Build/1000 copy-cpu-s", unit: "s"},
		{what: "one more certificate on disk, of 10,000", here: "AddOne/10000 on-disk-ms", than: "of 100", beside: "AddOne/100 on-disk-ms", unit: "ms"},
		{what: "— recorded", here: "AddOne/10000 recorded-ms", than: "of 100", beside: "AddOne/100 recorded-ms", unit: "ms"},
		{what: "— processor", here: "AddOne/10000 cpu-ms", than: "of 100", beside: "AddOne/100 cpu-ms", unit: "ms"},
		{what: "issued, 64 callers in a closed loop", here: "Issue issued/s", than: "raw fdatasync of 4 KiB", beside: "Issue syncs/s", unit: "/s"},
		{what: "visit until its verdict, in Chromium", here: "Visit whole-ms", than: "until the page was read", less: "Visit script-ms", unit: "ms"},
	}
	for _, size := range []struct{ what, figure string }{{"size of a picture", "png-bytes"}, {"size of a PDF", "pdf-bytes"}, {"size of a page", "html-bytes"}, {"size of a credential (JSON)", "json-bytes"}} {
		all = append(all, row{what: size.what, here: certificate + size.figure, than: "the picture by gg alone", beside: "Plain/classical filebytes", unit: "bytes"})
	}
	return all
}

// table prints every row, also those that could not be measured here.
func table(w io.Writer, all figures) error {
	fmt.Fprintf(w, "%-42s %16s   %-30s %16s %9s\n", "", "here", "beside it, in the same run", "", "ratio")
	for _, r := range rows() {
		if _, err := fmt.Fprintln(w, r.text(all)); err != nil {
			return err
		}
	}
	return nil
}

func (r row) text(all figures) string {
	beside := r.beside
	if beside == "" {
		beside = r.less
	}
	v, ok := all.get(r.here, beside)
	if !ok {
		return fmt.Sprintf("%-42s %16s   left out: this machine lacks what it needs", r.what, "–")
	}
	if r.beside == "" {
		v[1] = v[0] - v[1]
	}
	return fmt.Sprintf("%-42s %16s   %-30s %16s %9.3g", r.what, figure(v[0], r.unit), r.than, figure(v[1], r.unit), v[0]/v[1])
}

func figure(v float64, unit string) string {
	switch {
	case unit == "bytes" || v >= 1000:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}
