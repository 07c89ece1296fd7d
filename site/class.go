package site

import (
	"slices"
	"strings"
)

// Stage is a place in the order in which files of the tree come to anybody who copies it: when files of one stage
// arrive, those of the stages before it are there. So at every moment a copy holds no page whose documents, status
// lists or assets are missing, and no checkpoint whose tiles are.
type Stage int

// The stages.
const (
	Foundation Stage = iota // what refers to nothing: assets, log tiles
	Shared                  // what certificates refer to: did.json, status lists, settings, criteria
	Documents               // of certificates: documents, proofs, pictures
	Pages                   // of certificates and of the site
	Head                    // the checkpoint
)

// Class is a class of public files, as hosts must serve them and mirrors must order them. FORMAT.md has the same table
// for people.
type Class struct {
	Name        string
	Pattern     string // of paths: ":name" stands for one part or its beginning, "*" for any rest
	ContentType string
	Cache       string // Cache-Control
	Immutable   bool   // the bytes at a path never change
	Open        bool   // verifiers elsewhere fetch it: any origin may
	Stage       Stage
	Certificate bool // belongs to one certificate
}

// How long caches keep what may change, what never does, and what must always be asked for.
const (
	short   = "public, max-age=300"
	forever = "public, max-age=31536000, immutable"
	always  = "no-cache"
)

const (
	htmlType  = "text/html; charset=utf-8"
	jsonType  = "application/json"
	plainType = "text/plain; charset=utf-8"
	bytesType = "application/octet-stream"
)

// Classes returns the classes of public files. A path is of the first that matches it.
func Classes() []Class {
	return []Class{
		{Name: "style", Pattern: "assets/:name.css", ContentType: "text/css; charset=utf-8", Cache: forever, Immutable: true},
		{Name: "script", Pattern: "assets/:name.js", ContentType: "text/javascript; charset=utf-8", Cache: forever, Immutable: true},
		{Name: "icon", Pattern: "assets/:name.svg", ContentType: "image/svg+xml", Cache: forever, Immutable: true},
		{Name: "browser icon", Pattern: IconPath, ContentType: "image/x-icon", Cache: short},
		{Name: "host rules", Pattern: HeadersPath, ContentType: plainType, Cache: short},
		{Name: "crawler rules", Pattern: RobotsPath, ContentType: plainType, Cache: short},
		{Name: "log tile", Pattern: "log/tile/*", ContentType: bytesType, Cache: forever, Immutable: true, Open: true},

		{Name: "issuer's keys", Pattern: DIDPath, ContentType: jsonType, Cache: short, Open: true, Stage: Shared},
		{Name: "settings", Pattern: SettingsPath, ContentType: jsonType, Cache: short, Open: true, Stage: Shared},
		{Name: "status list", Pattern: "status/:purpose/:list.json", ContentType: jsonType, Cache: short, Open: true, Stage: Shared},
		{Name: "log key", Pattern: "log/vkey", ContentType: plainType, Cache: short, Open: true, Stage: Shared},
		{Name: "criteria", Pattern: "a/:template/index.html", ContentType: htmlType, Cache: short, Stage: Shared},

		{Name: "credential", Pattern: "c/:number/credential.json", ContentType: jsonType, Cache: short, Open: true, Stage: Documents, Certificate: true},
		{Name: "status statements", Pattern: "c/:number/status.json", ContentType: jsonType, Cache: short, Open: true, Stage: Documents, Certificate: true},
		{Name: "inclusion proof", Pattern: "c/:number/certificate.tlog-proof", ContentType: plainType, Cache: forever, Immutable: true, Open: true, Stage: Documents, Certificate: true},
		{Name: "picture", Pattern: "c/:number/certificate.png", ContentType: "image/png", Cache: short, Stage: Documents, Certificate: true},
		// The history that calls a key revoked comes after the lists and settings that another key has signed anew.
		{Name: "key history", Pattern: KeysPath, ContentType: jsonType, Cache: short, Open: true, Stage: Documents},
		{Name: "PDF", Pattern: "c/:number/certificate.pdf", ContentType: "application/pdf", Cache: short, Stage: Documents, Certificate: true},
		{Name: "card", Pattern: "c/:number/card.png", ContentType: "image/png", Cache: short, Stage: Documents, Certificate: true},

		{Name: "verification page", Pattern: "c/:number/index.html", ContentType: htmlType, Cache: short, Stage: Pages, Certificate: true},
		{Name: "not found", Pattern: NotFoundPath, ContentType: htmlType, Cache: short, Stage: Pages},
		{Name: "look-up", Pattern: IndexPath, ContentType: htmlType, Cache: short, Stage: Pages},

		{Name: "checkpoint", Pattern: "log/checkpoint", ContentType: plainType, Cache: always, Open: true, Stage: Head},
	}
}

// ClassOf returns the class of a file by its path in the tree. What has none is no public file.
func ClassOf(path string) (Class, bool) {
	classes := Classes()
	i := slices.IndexFunc(classes, func(c Class) bool { return c.matches(path) })
	if i < 0 {
		return Class{}, false
	}
	return classes[i], true
}

// URL is the pattern of the addresses of the class's files, as rules of hosts give it: that of a page ends with a slash.
func (c Class) URL() string { return "/" + strings.TrimSuffix(c.Pattern, "index.html") }

func (c Class) matches(path string) bool {
	pattern := c.Pattern
	for {
		part, rest, more := strings.Cut(pattern, "/")
		if part == "*" {
			return path != ""
		}
		got, left, deeper := strings.Cut(path, "/")
		if more != deeper || !matchesPart(part, got) {
			return false
		}
		if !more {
			return true
		}
		pattern, path = rest, left
	}
}

// matchesPart compares one part of a path. In a pattern ":name" stands for at least one byte, and what follows it for
// the end.
func matchesPart(pattern, part string) bool {
	name, ok := strings.CutPrefix(pattern, ":")
	if !ok {
		return pattern == part
	}
	end := ""
	if i := strings.IndexByte(name, '.'); i >= 0 {
		end = name[i:]
	}
	return len(part) > len(end) && strings.HasSuffix(part, end) && part[0] != '.'
}
