package site

import (
	"strconv"
	"strings"

	"laurel/certlog"
	"laurel/credential"
	"laurel/templates"
)

// Paths of the public tree, slash-separated and relative to its root. Those of the signed documents come first.
const (
	DIDPath      = ".well-known/did.json"
	SettingsPath = "site.json"

	HeadersPath  = "_headers"
	KeysPath     = "keys.json"
	IndexPath    = "index.html"
	NotFoundPath = "404.html"
	RobotsPath   = "robots.txt"

	CheckpointPath = logPrefix + "checkpoint"
	LogKeyPath     = logPrefix + "vkey"

	logPrefix = "log/"
)

// Status purposes, as they stand in the paths of status lists.
const (
	Revocation = "revocation"
	Suspension = "suspension"
)

// CredentialPath is the path of a certificate's signed document.
func CredentialPath(n credential.Number) string { return "c/" + string(n) + "/credential.json" }

// StatusPath is the path of the signed statements on a certificate since it was issued.
func StatusPath(n credential.Number) string { return "c/" + string(n) + "/status.json" }

// PagePath is the path of a certificate's verification page.
func PagePath(n credential.Number) string { return "c/" + string(n) + "/index.html" }

// PicturePath is the path of a certificate's picture.
func PicturePath(n credential.Number) string { return "c/" + string(n) + "/certificate.png" }

// ProofPath is the path of a certificate's inclusion proof.
func ProofPath(n credential.Number) string { return "c/" + string(n) + "/certificate.tlog-proof" }

// PDFPath is the path of a certificate's document for print.
func PDFPath(n credential.Number) string { return "c/" + string(n) + "/certificate.pdf" }

// CardPath is the path of the card that messengers show for a link to a certificate.
func CardPath(n credential.Number) string { return "c/" + string(n) + "/card.png" }

// StatusListPath is the path of the n-th status list of a purpose.
func StatusListPath(purpose string, n int) string {
	return "status/" + purpose + "/" + strconv.Itoa(n) + ".json"
}

// CriteriaPath is the path of the page of a template: what its certificates stand for today.
func CriteriaPath(template string) string { return "a/" + template + "/index.html" }

// CertificateURL is the address of a certificate's page under a base address without a final slash; the QR code holds it.
func CertificateURL(base string, n credential.Number) string { return base + "/c/" + string(n) + "/" }

// NumberIn returns the number in the path of anything that belongs to one certificate: "c/NUMBER" and all below it.
// The number must stand in its canonical form.
func NumberIn(path string) (credential.Number, bool) {
	rest, ok := strings.CutPrefix(path, "c/")
	if !ok {
		return "", false
	}
	s, _, _ := strings.Cut(rest, "/")
	n, err := credential.ParseNumber(s)
	return n, err == nil && string(n) == s
}

// IsDocument reports whether a path of the public tree is that of a signed document.
func IsDocument(path string) bool {
	if path == DIDPath || path == SettingsPath || path == KeysPath || path == CheckpointPath {
		return true
	}
	if n, ok := NumberIn(path); ok {
		return path == CredentialPath(n) || path == StatusPath(n) || path == ProofPath(n)
	}
	if _, ok := tileIn(path); ok {
		return true
	}
	_, _, ok := statusListIn(path)
	return ok
}

// statusListIn takes the path of a status list apart.
func statusListIn(path string) (purpose string, n int, ok bool) {
	rest, ok := strings.CutPrefix(path, "status/")
	if !ok {
		return "", 0, false
	}
	purpose, file, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(strings.TrimSuffix(file, ".json"))
	if err != nil || n < 0 || purpose != Revocation && purpose != Suspension {
		return "", 0, false
	}
	return purpose, n, path == StatusListPath(purpose, n)
}

// TilePath is the path of a tile of the log.
func TilePath(t certlog.Tile) string { return logPrefix + t.Path() }

// tileIn returns the tile in a path.
func tileIn(path string) (certlog.Tile, bool) {
	rest, ok := strings.CutPrefix(path, logPrefix)
	if !ok {
		return certlog.Tile{}, false
	}
	t, err := certlog.ParseTile(rest)
	return t, err == nil
}

// templateIn returns the template's id in the path of its page.
func templateIn(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "a/")
	if !ok {
		return "", false
	}
	id, file, _ := strings.Cut(rest, "/")
	return id, file == "index.html" && templates.ValidID(id)
}
