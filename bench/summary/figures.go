package main

import (
	"regexp"
	"strconv"
	"strings"
)

// figures are values by the name of the benchmark and the unit, "PNG/classical cpu-ms/op".
type figures map[string]float64

// visited is how the test of visits tells its time.
var visited = regexp.MustCompile(`verified after ([0-9.]+) ms, ([0-9.]+) ms of which after the page was read`)

// read takes the figures from lines as go test prints benchmarks: a name, how often, then values with their units.
func (f figures) read(out string) {
	for line := range strings.Lines(out) {
		if m := visited.FindStringSubmatch(line); m != nil {
			f.put("Visit whole-ms", m[1])
			f.put("Visit script-ms", m[2])
		}
		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(words[0], "Benchmark")
		for i := 2; i+1 < len(words); i += 2 {
			f.put(name+" "+words[i+1], words[i])
		}
	}
}

func (f figures) put(name, value string) {
	if v, err := strconv.ParseFloat(value, 64); err == nil {
		f[name] = v
	}
}

// get returns figures by their names, ok where all are there.
func (f figures) get(names ...string) (values []float64, ok bool) {
	for _, name := range names {
		v, there := f[name]
		if !there {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}
