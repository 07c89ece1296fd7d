package issuer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The longest texts taken, in characters. Layouts may take less; then composing the picture refuses.
const (
	maxName        = 200
	maxAchievement = 300
	maxID          = 128
	maxEmail       = 254
	maxReason      = 1000
)

// cleanText brings a text to NFC without spaces at its ends, and says what is wrong with it, in words for the
// caller: certificates are signed, so what cannot be seen, or makes others read something else, stays out.
func cleanText(s string, most int) (clean, why string) {
	if n := utf8.RuneCountInString(s); n > 4*most {
		return "", fmt.Sprintf("has %d characters; %d are the most", n, most)
	}
	if !utf8.ValidString(s) {
		return "", "contains bytes that are no UTF-8; send text as UTF-8"
	}
	clean = strings.Trim(norm.NFC.String(s), " \u3000")
	if clean == "" {
		return "", "is empty"
	}
	if n := utf8.RuneCountInString(clean); n > most {
		return "", fmt.Sprintf("has %d characters; %d are the most", n, most)
	}
	var before rune
	for i, r := range clean {
		after, _ := utf8.DecodeRuneInString(clean[i+utf8.RuneLen(r):])
		if what := unfit(before, r, after); what != "" {
			return "", fmt.Sprintf("contains %s (U+%04X); leave it out", what, r)
		}
		before = r
	}
	return clean, ""
}

// reason cleans why something is done, in its author's words, where there are any. The error is an *InvalidError.
func reason(why string) (string, error) {
	if why == "" {
		return "", nil
	}
	var p planner
	clean := p.text("reason", why, maxReason)
	if len(p.errors) > 0 {
		return "", &InvalidError{Errors: p.errors}
	}
	return clean, nil
}

// unfit names why a character cannot stand between its neighbours, or is "".
func unfit(before, r, after rune) string {
	switch {
	case r == utf8.RuneError:
		return "a character that was lost in an earlier conversion"
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return "a line break"
	case unicode.Is(unicode.Cc, r):
		return "a control character"
	case unicode.Is(unicode.Bidi_Control, r):
		return "a character that changes the direction of writing"
	case r == '\u200c' || r == '\u200d': // joiners, which some scripts need between letters
		if joins(before) && joins(after) {
			return ""
		}
		return "an invisible joiner where no script needs one"
	case unicode.Is(unicode.Cf, r):
		return "an invisible format character"
	case unicode.Is(unicode.Co, r):
		return "a private-use character, which means something else to everybody"
	case unicode.Is(unicode.Zs, r) && r != ' ' && r != '\u00a0' && r != '\u3000':
		return "an unusual space"
	case r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef:
		return "no character at all"
	}
	return ""
}

// joins reports whether r belongs to a script in which joiners change letters.
func joins(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Khmer, unicode.Myanmar, unicode.Inherited)
}
