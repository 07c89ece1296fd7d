package credential

import "laurel/internal/jcs"

// UnionDID returns newDoc with the keys and other list members that only oldDoc has, as JCS bytes: what a copy of a
// site must hold while documents signed with the one and with the other are still about. Where oldDoc is nothing that
// can be read, or nothing is to be added, it returns newDoc itself.
func UnionDID(oldDoc, newDoc []byte) []byte {
	was, err1 := jcs.Parse(oldDoc)
	is, err2 := jcs.Parse(newDoc)
	before, ok1 := was.(map[string]any)
	now, ok2 := is.(map[string]any)
	if err1 != nil || err2 != nil || !ok1 || !ok2 || before["id"] != now["id"] {
		return newDoc
	}
	added := false
	for name, v := range now {
		list, ok := v.([]any)
		if !ok {
			continue
		}
		older, _ := before[name].([]any)
		for _, member := range older {
			if !holds(list, member) {
				list, added = append(list, member), true
			}
		}
		now[name] = list
	}
	out, err := jcs.Append(nil, now)
	if err != nil || !added {
		return newDoc
	}
	return out
}

func holds(list []any, member any) bool {
	want, err := jcs.Append(nil, member)
	if err != nil {
		return true
	}
	for _, m := range list {
		if got, err := jcs.Append(nil, m); err == nil && string(got) == string(want) {
			return true
		}
	}
	return false
}
