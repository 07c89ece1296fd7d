package site

import (
	"fmt"
	"strings"

	"laurel/credential"
	"laurel/templates"
)

// Settings are what a public tree says of itself in site.json, signed by its issuer.
type Settings struct {
	BaseURL    string // https://HOST[:PORT] without a final slash; http for localhost
	Issuer     string // did:web:…
	IssuerName string
	Timezone   string // IANA name, of the dates on certificates
	Log        LogKeys
	Files      templates.Files // which files certificates have, unless their template says so itself

	Precompress Encodings // in which text files lie compressed beside themselves
}

// Host is the base address without its scheme: what a visitor's address bar must show.
func (s Settings) Host() string {
	_, host, _ := strings.Cut(s.BaseURL, "://")
	return host
}

// Address is an address of the site as people type it, without the scheme.
func address(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	return strings.TrimSuffix(rest, "/")
}

// ParseSettings reads a site.json whose proof one of keys must have made, and whose addresses and issuer must agree
// with each other and with the keys.
func ParseSettings(siteJSON []byte, keys credential.Keys) (Settings, error) {
	fields, err := credential.VerifyDocument(siteJSON, keys)
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	if typ, version := fmt.Sprint(fields["type"]), fmt.Sprint(fields["version"]); typ != "LaurelSite" || version != "1" {
		return Settings{}, fmt.Errorf("%s: type %s, version %s; this program reads LaurelSite, version 1", SettingsPath, typ, version)
	}
	var s Settings
	for key, to := range map[string]*string{"baseUrl": &s.BaseURL, "issuer": &s.Issuer, "issuerName": &s.IssuerName, "timezone": &s.Timezone} {
		text, ok := fields[key].(string)
		if !ok || text == "" {
			return Settings{}, fmt.Errorf("%s: no %s; export the tree anew with certd export", SettingsPath, key)
		}
		*to = text
	}
	if s.Log, err = parseLogKeys(fields["log"], s.Host()); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	if s.Files, err = parseFiles(fields["files"]); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	if s.Precompress, err = parseEncodings(fields["precompress"]); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	did, err := credential.DIDWeb(s.BaseURL)
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	if did != s.Issuer || did != keys.Issuer() {
		return Settings{}, fmt.Errorf("%s: base address %s belongs to %s, but its issuer is %s and the keys are those of %s", SettingsPath, s.BaseURL, did, s.Issuer, keys.Issuer())
	}
	if fields["id"] != s.BaseURL+"/"+SettingsPath {
		return Settings{}, fmt.Errorf("%s: id is %v; it must be %s", SettingsPath, fields["id"], s.BaseURL+"/"+SettingsPath)
	}
	return s, nil
}

// parseFiles reads the choice of files; none is all of them.
func parseFiles(field any) (templates.Files, error) {
	if field == nil {
		return "", nil
	}
	names, err := parseNames("files", field)
	if err != nil {
		return "", err
	}
	return templates.ChooseFiles(names)
}

// parseEncodings reads the choice of encodings.
func parseEncodings(field any) (Encodings, error) {
	if field == nil {
		return "", nil
	}
	names, err := parseNames("precompress", field)
	if err != nil {
		return "", err
	}
	return ChooseEncodings(names)
}

func parseNames(what string, field any) ([]string, error) {
	list, ok := field.([]any)
	names := make([]string, len(list))
	for k, name := range list {
		text, isText := name.(string)
		names[k], ok = text, ok && isText
	}
	if !ok {
		return nil, fmt.Errorf("%s is no list of names; export the tree anew with certd export", what)
	}
	return names, nil
}
