package pdf

import "encoding/binary"

// SRGB is an ICC profile of sRGB (IEC 61966-2-1), version 4, made of nothing but its numbers: primaries and white adapted
// to D50 by Bradford, the transfer curve as a formula. It is what an output intent needs (PDF/A-3, ISO 19005-3 §6.2.3).
func SRGB() []byte {
	type tag struct {
		names []string // that share the data
		data  []byte
	}
	xyz := func(v ...float64) []byte { return s15Fixed16("XYZ ", v...) }
	// Y = ((X + 0.055) / 1.055)^2.4 from 0.04045 on, X / 12.92 below: function type 3 of a parametric curve
	curve := append([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), s15Fixed16("", 2.4, 1/1.055, .055/1.055, 1/12.92, .04045)...)
	tags := []tag{
		{[]string{"desc"}, localised("sRGB")},
		{[]string{"cprt"}, localised("No copyright, use freely")},
		{[]string{"wtpt"}, xyz(.9642, 1, .8249)},
		{[]string{"chad"}, s15Fixed16("sf32", 1.047882, .022918, -.050217, .029587, .990478, -.017059, -.009247, .015076, .751678)},
		{[]string{"rXYZ"}, xyz(.436066, .222488, .013916)},
		{[]string{"gXYZ"}, xyz(.385147, .716873, .097076)},
		{[]string{"bXYZ"}, xyz(.143066, .060608, .714096)},
		{[]string{"rTRC", "gTRC", "bTRC"}, curve},
	}
	const head, entries = 128, 10
	table := binary.BigEndian.AppendUint32(nil, entries)
	var body []byte
	for _, t := range tags {
		at := uint32(head + 4 + 12*entries + len(body))
		for _, name := range t.names {
			table = append(table, name...)
			table = binary.BigEndian.AppendUint32(table, at)
			table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
		}
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out := make([]byte, head)
	binary.BigEndian.PutUint32(out, uint32(head+len(table)+len(body)))
	out[8] = 4 // version 4.0
	copy(out[12:], "mntrRGB XYZ ")
	copy(out[24:], []byte{0x07, 0xE2, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}) // a date, which the format demands
	copy(out[36:], "acsp")
	copy(out[68:], s15Fixed16("", .9642, 1, .8249)) // the connection space's D50
	return append(append(out, table...), body...)
}

// s15Fixed16 is a list of fixed-point numbers, under a type signature where one is given.
func s15Fixed16(signature string, vs ...float64) []byte {
	var out []byte
	if signature != "" {
		out = append(append(out, signature...), 0, 0, 0, 0)
	}
	for _, v := range vs {
		scaled := v * 65536
		if scaled < 0 {
			scaled -= .5
		} else {
			scaled += .5
		}
		out = binary.BigEndian.AppendUint32(out, uint32(int32(scaled)))
	}
	return out
}

// localised is a text in one language (multiLocalizedUnicodeType).
func localised(ascii string) []byte {
	out := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS")
	out = binary.BigEndian.AppendUint32(out, uint32(2*len(ascii)))
	out = binary.BigEndian.AppendUint32(out, 28)
	for i := range len(ascii) {
		out = append(out, 0, ascii[i])
	}
	return out
}
