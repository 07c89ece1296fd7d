package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// hasHan reports whether a text holds a Chinese character; names are told apart by it, on pages and pictures.
func hasHan(s string) bool {
	for _, r := range s {
		if r >= 0x2e80 && unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

// textLanguage is the language of a name as far as its script tells: Latin letters may be any language's.
func textLanguage(s string) string {
	if hasHan(s) {
		return "zh-CN"
	}
	return ""
}

// dateZh writes 2026-03-01 as 2026年3月1日; anything else is "".
func dateZh(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// dateEn writes 2026-03-01 as 1 March 2026; anything else is "".
func dateEn(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return strconv.Itoa(t.Day()) + t.Format(" January 2006")
}

// pictureLanguage is zh or en: the template's, or that of the signed achievement's name.
func pictureLanguage(t *templates.Certificate, c *credential.Credential) string {
	switch {
	case t.Language == "zh" || t.Language == "en":
		return t.Language
	case hasHan(c.Subject.Achievement.Name):
		return "zh"
	}
	return "en"
}

// pictureResult is the result as the picture prints it: "100%", "92.5 / 100", or "" for none.
func pictureResult(c *credential.Credential) string {
	value, most := c.Result()
	switch {
	case value == "":
		return ""
	case c.Kind() == "course":
		return value + "%"
	}
	return value + " / " + most
}

// pictureValues are what a picture shows, all of it from the signed document but for the choice of language.
func pictureValues(t *templates.Certificate, c *credential.Credential) picture.Values {
	url := CertificateURL(c.Base(), c.Number())
	zh, en := c.Titles()
	issued, until := c.Issued(), c.Expires()
	year, _, _ := strings.Cut(issued, "-")
	return picture.Values{
		"lang":        pictureLanguage(t, c),
		"kind":        c.Kind(),
		"number":      string(c.Number()),
		"url":         url,
		"address":     address(url),
		"name":        c.Recipient(),
		"achievement": c.Subject.Achievement.Name,
		"title_zh":    zh,
		"title_en":    en,
		"result":      pictureResult(c),
		"issued_zh":   dateZh(issued),
		"issued_en":   dateEn(issued),
		"until_zh":    dateZh(until),
		"until_en":    dateEn(until),
		"issuer":      c.Issuer.Name,
		"year":        year,
	}
}
