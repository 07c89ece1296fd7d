package interop

import (
	"encoding/json"
	"testing"
)

// readNumbers reads every input of the shared vectors with the browser script's own module, and prints the
// vectors as that module would have written them.
const readNumbers = `
import {readFileSync} from 'node:fs';
import {readNumber} from '../templates/assets/src/number.js';
const vectors = JSON.parse(readFileSync('../credential/testdata/numbers.json', 'utf8'));
for (const list of [vectors.valid, vectors.invalid]) for (const v of list) {
  const {problem: kind, ...rest} = readNumber(v.input);
  console.log(JSON.stringify([v, {name: v.name, input: v.input, ...kind && {kind}, ...rest}]));
}`

func TestTheBrowserScriptReadsNumbersAsTheSharedVectorsSay(t *testing.T) {
	cmd := node(t, "--input-type=module", "-e", readNumbers)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for decoder := json.NewDecoder(out); decoder.More(); compared++ {
		var pair [2]map[string]any
		if err := decoder.Decode(&pair); err != nil {
			t.Fatal(err)
		}
		want, got := encodeVector(t, pair[0]), encodeVector(t, pair[1])
		if got != want {
			t.Errorf("the script reads\n%s, want\n%s", got, want)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if compared < 40 {
		t.Errorf("only %d vectors", compared)
	}
}

func encodeVector(t *testing.T, v map[string]any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
