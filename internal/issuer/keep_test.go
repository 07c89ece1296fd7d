package issuer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"laurel/site"
)

const sampleTemplate = `---
type: course
title:
  zh: %s
  en: Sample
description:
  zh: 样例。
  en: A sample.
pass:
  rate: 80
layout: classical
language: auto
---

样例。 A sample.
`

func TestAnEditedTemplateIsTakenAndABrokenOneIsNot(t *testing.T) {
	h := newHouse(t)
	h.cfg.TemplatesDir = t.TempDir()
	folder := filepath.Join(h.cfg.TemplatesDir, "certificates")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "safety.md")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := h.run(nil)
	req := sample(1)
	req.Template = "safety"
	if _, _, err := r.Issue(t.Context(), req, by("", req)); !errors.Is(err, ErrInvalid) {
		t.Fatalf("before there is such a template: %v", err)
	}
	page := filepath.Join(h.cfg.PublicDir, site.CriteriaPath("safety"))
	// A watch begins when Run has begun: write until it is noticed.
	for !exists(page) {
		write(fmt.Sprintf(sampleTemplate, "安全证书"))
		time.Sleep(2 * editQuiet)
	}
	if got := r.issue(req, by("", req)); got.Title != "安全证书" {
		t.Errorf("title %s", got.Title)
	}
	write("---\ntype: course\ntitel: typo\n---\n")
	for !strings.Contains(h.log.String(), "safety.md:") {
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(h.log.String(), "safety.md:3:") {
		t.Errorf("the line is not named: %s", h.log)
	}
	req.Recipient.ID = "sample-002"
	if got := r.issue(req, by("", req)); got.Title != "安全证书" {
		t.Errorf("after a broken edit: title %s", got.Title)
	}
	write(fmt.Sprintf(sampleTemplate, "新证书"))
	for t2, _ := r.Templates().Certificate("safety"); t2.Title.Zh != "新证书"; t2, _ = r.Templates().Certificate("safety") {
		time.Sleep(time.Millisecond)
	}
	for {
		if data, err := os.ReadFile(page); err == nil && strings.Contains(string(data), "新证书") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	r.finish()
	h.sound(2)
}

func TestATemplateEditedWhileNothingRanIsTakenAtTheStart(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.finish()
	h.cfg.TemplatesDir = t.TempDir()
	folder := filepath.Join(h.cfg.TemplatesDir, "certificates")
	err := os.MkdirAll(folder, 0o700)
	if err = errors.Join(err, os.WriteFile(filepath.Join(folder, "safety.md"), fmt.Appendf(nil, sampleTemplate, "安全证书"), 0o600)); err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	for !exists(filepath.Join(h.cfg.PublicDir, site.CriteriaPath("safety"))) {
		time.Sleep(time.Millisecond)
	}
	for !strings.Contains(h.log.String(), "because=start") {
		time.Sleep(time.Millisecond)
	}
	r.finish()
	h.sound(1)
}

func TestTokensAreFoundByTheirDigestUntilRevoked(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	token := Token{ID: "t1", Name: "lms", Hash: [32]byte{7}, Scopes: []string{"issue"}, Created: h.clock.now()}
	if _, ok, _ := r.FindToken(t.Context(), token.Hash); ok {
		t.Error("found before it was made")
	}
	if err := r.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := r.FindToken(t.Context(), token.Hash); !ok || err != nil || got.ID != "t1" || !got.Revoked.IsZero() {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	r.finish()
	r = h.run(nil)
	if err := r.RevokeToken(t.Context(), "lms"); err != nil {
		t.Fatal(err)
	}
	if got, ok, _ := r.FindToken(t.Context(), token.Hash); !ok || !got.Revoked.Equal(h.clock.now()) {
		t.Errorf("after it was revoked: %+v, %v", got, ok)
	}
	if err := r.RevokeToken(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoking none: %v", err)
	}
}
