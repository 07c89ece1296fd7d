package jcs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestTransformGivesTheExamplesOfRFC8785(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"section 3.2.2, primitive values", `{
			"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
			"literals": [null, true, false]
		}`, `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{"section 3.2.3, names sorted by UTF-16 code units", `{
			"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
			"\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
		}`, `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
			`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`},
		{"every short escape", `"\b\t\n\f\r\"\\\/\u0008\u0009\u000A\u000C\u000D\u0022\u005C\u002F"`, `"\b\t\n\f\r\"\\/\b\t\n\f\r\"\\/"`},
		{"other controls in lower case, DEL as it is", `"\u001F\u0000\u007f"`, `"\u001f\u0000` + "\x7f" + `"`},
		{"an empty object and an empty array", " { \"b\" : [ ] , \"a\" : { } } \n", `{"a":{},"b":[]}`},
		{"a longer name after its beginning", `{"aa":1,"a":2,"":3}`, `{"":3,"a":2,"aa":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Transform([]byte(test.in))
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

// The doubles and their forms are those of RFC 8785, appendix B.
func TestNumbersAreWrittenAsECMAScriptWritesThem(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		f := math.Float64frombits(bits)
		got, err := Append(nil, f)
		if err != nil || string(got) != want {
			t.Errorf("%016x: got %s, %v, want %s", bits, got, err, want)
		}
		literal := strconv.FormatFloat(f, 'e', 20, 64)
		if got, err = Transform([]byte(literal)); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", literal, got, err, want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got, err := Append(nil, f); err == nil {
			t.Errorf("%v is written as %s", f, got)
		}
	}
}

func TestParseReturnsTheValues(t *testing.T) {
	got, err := Parse([]byte(` {"a":[null,true,false,"x\ud83d\ude00y","",-0.50e+1],"b":{}} `))
	want := map[string]any{
		"a": []any{nil, true, false, "x😀y", "", Number("-0.50e+1")},
		"b": map[string]any{},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, %v", got, err)
	}
}

func TestParseAndCheckRefuse(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1)
	many := `{"names":{`
	for i := range 100 {
		many += fmt.Sprintf(`"n%d":{"n%d":0},`, i, i)
	}
	for _, test := range []struct {
		name, in, pointer string
		kind              Kind
		offset            int64
	}{
		{"nothing", "", "", Malformed, 0},
		{"white space alone", " \t", "", Malformed, 2},
		{"a byte order mark", "\xef\xbb\xbf{}", "", Malformed, 0},
		{"another space than JSON's", "\u00a0{}", "", Malformed, 0},
		{"a second value", `{} {}`, "", Malformed, 3},
		{"text after the value", `1x`, "", Malformed, 1},
		{"a comment", `{"a":/**/1}`, "/a", Malformed, 5},
		{"an object without end", `{"a":1`, "/a", Malformed, 6},
		{"an object without a colon", `{"a" 1}`, "/a", Malformed, 5},
		{"a name without quotes", `{a:1}`, "", Malformed, 1},
		{"a number as name", `{"x":{1:1}}`, "/x", Unwanted, 6},
		{"a comma before the end of an object", `{"a":1,}`, "/a", Malformed, 7},
		{"a comma at the start of an array", `[,1]`, "/0", Malformed, 1},
		{"a comma before the end of an array", `[1,]`, "/0", Malformed, 3},
		{"two commas", `[1,,2]`, "/1", Malformed, 3},
		{"no comma", `[1 2]`, "/0", Malformed, 3},
		{"a wrong bracket", `[1}`, "/0", Malformed, 2},
		{"half a word", `tru`, "", Malformed, 0},
		{"a longer word", `nullify`, "", Malformed, 4},
		{"NaN", `NaN`, "", Malformed, 0},
		{"a duplicate name", `{"a":1,"b":{"c":1,"c":2}}`, "/b/c", Duplicate, 18},
		{"a duplicate name, written with an escape", `{"ab":1,"\u0061b":2}`, "/ab", Duplicate, 8},
		{"a duplicate empty name", `[{"":1,"":2}]`, "/0/", Duplicate, 7},
		{"a duplicate among many names", many + `"n7":1}}`, "/names/n7", Duplicate, int64(len(many))},
		{"a duplicate whose name needs escapes", `{"a/b~":1,"a/b~":2}`, "/a~1b~0", Duplicate, 10},
		{"invalid UTF-8", "[\"a\xff\"]", "/0", Encoding, 3},
		{"UTF-8 that is too long", "\"\xc0\xaf\"", "", Encoding, 1},
		{"a surrogate in UTF-8", "\"\xed\xa0\x80\"", "", Encoding, 1},
		{"invalid UTF-8 after an escape", "\"\\n\xe4\xb8\"", "", Encoding, 3},
		{"invalid UTF-8 in a name", "{\"\xff\":1}", "", Encoding, 2},
		{"a high surrogate alone", `{"x":"\ud83d"}`, "/x", Encoding, 6},
		{"a low surrogate alone", `"\ude00"`, "", Encoding, 1},
		{"surrogates in the wrong order", `"\ude00\ud83d"`, "", Encoding, 1},
		{"a high surrogate before another escape", `"\ud83d\u0041"`, "", Encoding, 1},
		{"two high surrogates", `"\ud83d\ud83d\ude00"`, "", Encoding, 1},
		{"a surrogate in a name", `{"\ud800":1}`, "", Encoding, 2},
		{"a string without end", `"abc`, "", Malformed, 4},
		{"a string that ends in an escape", `"abc\`, "", Malformed, 4},
		{"an escape without end", `"\u12`, "", Malformed, 1},
		{"an unknown escape", `"\x41"`, "", Malformed, 1},
		{"a hexadecimal escape in capitals", `"\U0041"`, "", Malformed, 1},
		{"a raw line end in a string", "\"a\nb\"", "", Malformed, 2},
		{"a raw NUL in a string", "\"a\x00b\"", "", Malformed, 2},
		{"a raw control after an escape", "\"\\t\t\"", "", Malformed, 3},
		{"a leading zero", `01`, "", Malformed, 0},
		{"a negative leading zero", `-01`, "", Malformed, 0},
		{"a plus sign", `+1`, "", Malformed, 0},
		{"a minus sign alone", `[-]`, "/0", Malformed, 1},
		{"a point at the start", `.5`, "", Malformed, 0},
		{"a point at the end", `5.`, "", Malformed, 0},
		{"an exponent without digits", `5e+`, "", Malformed, 0},
		{"hexadecimal", `0x10`, "", Malformed, 1},
		{"a number beyond doubles", `[1,-1e400]`, "/1", BadNumber, 3},
		{"a long number beyond doubles", strings.Repeat("9", 400), "", BadNumber, 0},
		{"deep arrays", deep, strings.Repeat("/0", MaxDepth), TooDeep, MaxDepth},
		{"deep objects", strings.Repeat(`{"a":`, MaxDepth+1), strings.Repeat("/a", MaxDepth), TooDeep, 5 * MaxDepth},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.in))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse: %v", err)
			}
			if syntax.Kind != test.kind || syntax.Pointer != test.pointer || syntax.Offset != test.offset {
				t.Errorf("kind %d at %q, byte %d (%v), want kind %d at %q, byte %d",
					syntax.Kind, syntax.Pointer, syntax.Offset, err, test.kind, test.pointer, test.offset)
			}
			if check := Check([]byte(test.in)); check == nil || check.Error() != err.Error() {
				t.Errorf("Check: %v, Parse: %v", check, err)
			}
		})
	}
}

func TestDeepestNestingIsRead(t *testing.T) {
	text := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	if _, err := Parse([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestManyNamesTakeNoQuadraticTime(t *testing.T) {
	// With quadratic work these 200,000 names would take minutes, and the test would run into its time
	// limit.
	var b strings.Builder
	b.WriteByte('{')
	for i := range 200_000 {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	b.WriteString(`"x":0}`)
	if err := Check([]byte(b.String())); err != nil {
		t.Error(err)
	}
}

func TestAppendWritesGoValues(t *testing.T) {
	got, err := Append([]byte("> "), map[string]any{
		"i": 7, "j": int64(-7), "u": uint32(1), "f": 0.5, "s": []string{"a", "<b>&\u2028"}, "n": nil, "t": true,
		"m": []map[string]any{{"z": Number("1.0"), "a": "x"}}, "k": map[string]string{"y": "1", "x": "2"},
	})
	want := `> {"f":0.5,"i":7,"j":-7,"k":{"x":"2","y":"1"},"m":[{"a":"x","z":1}],"n":null,"s":["a","<b>&` + "\u2028" + `"],"t":true,"u":1}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestAppendRefusesWhatHasNoCanonicalForm(t *testing.T) {
	for name, v := range map[string]any{
		"a struct":                 struct{}{},
		"text that is no UTF-8":    []any{"a\xff"},
		"a name that is no UTF-8":  map[string]any{"a\xff": 1},
		"an integer beyond 2⁵³":    1<<53 + 1,
		"an integer beyond -2⁵³":   int64(-1<<53 - 1),
		"a literal beyond doubles": Number("1e999"),
		"a literal that is none":   Number("one"),
		"a value inside a list":    []map[string]any{{"a": uint8(1)}},
	} {
		if got, err := Append(nil, v); err == nil {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestErrorsNeverRepeatALongText(t *testing.T) {
	name := strings.Repeat("长", 10_000)
	_, err := Parse([]byte(`{"` + name + `" 1}`))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || len(syntax.Msg) > 200 {
		t.Errorf("%d bytes of message", len(syntax.Msg))
	}
}

func FuzzJCS(f *testing.F) {
	for _, seed := range []string{
		`{"b":[1,2.50,-0,1e21,1E-7],"a":"\u20ac\ud83d\ude00","":null}`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", `[[[[[]]]]]`,
		"{\"\ufb33\":1,\"😀\":2,\"z\":{}}", `123456789012345678901234567890`, ` true `, `{"a":{"a":{"a":[{}]}}} x`, "\ufeff1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Parse(data)
		if check := Check(data); fmt.Sprint(check) != fmt.Sprint(err) {
			t.Fatalf("Check: %v, Parse: %v", check, err)
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > int64(len(data)) || syntax.Msg == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		// What is accepted here, Go's decoder reads as the same value.
		decoder := json.NewDecoder(bytes.NewReader(data))
		var other any
		if err := decoder.Decode(&other); err != nil {
			t.Fatalf("accepted, but not by encoding/json: %v", err)
		}
		if mine := plain(t, v); !reflect.DeepEqual(mine, other) {
			t.Fatalf("%#v is %#v to encoding/json", mine, other)
		}
		canonical, err := Append(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Transform(canonical)
		if err != nil || !bytes.Equal(again, canonical) {
			t.Fatalf("%s becomes %s, %v", canonical, again, err)
		}
	})
}

// plain replaces the literals of numbers by doubles.
func plain(t *testing.T, v any) any {
	switch v := v.(type) {
	case Number:
		f, err := v.Float64()
		if err != nil {
			t.Fatal(err)
		}
		return f
	case []any:
		for i := range v {
			v[i] = plain(t, v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(t, v[name])
		}
	}
	return v
}

func BenchmarkCheck(b *testing.B) {
	body := []byte(`{"template":"course","recipient":{"id":"1042","name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := Check(body); err != nil {
			b.Fatal(err)
		}
	}
}
