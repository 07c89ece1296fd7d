package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"laurel/internal/webhook"
	"laurel/templates"
)

// settings are what the daemon runs with. Each comes from its flag, else its CERTD_ variable, else
// data/certd.yaml, else its default. The tag doc is the manual: certd help settings prints it.
type settings struct {
	data        string
	Public      string   `yaml:"public" doc:"The public tree: the folder that a web server serves."`
	Templates   string   `yaml:"templates" doc:"A folder whose files overlay the built-in templates one by one."`
	Files       []string `yaml:"files" doc:"Which files certificates have besides page (html) and credential (json): of png, pdf and card. Absent: all. A template can say otherwise by files in its front matter. The choice is signed into site.json."`
	Precompress []string `yaml:"precompress" doc:"Encodings (gz, br) in which text files also lie compressed beside themselves, for web servers that hand such files out; certgen host-config says how. Absent: none. The choice is signed into site.json."`
	FontDirs    []string `yaml:"font_dirs" doc:"Folders with further fonts, for scripts that the built-in ones do not cover."`
	Listen      string   `yaml:"listen" doc:"Where callers reach the API. Put a TLS proxy in front of it before it leaves this machine."`

	MaxConnections uint64 `yaml:"max_connections" doc:"Connections to the API at a time; further ones wait. 0 is three quarters of the files that the system lets certd open."`

	Mirrors []string `yaml:"mirrors" doc:"Targets that are kept equal to the public tree while certd runs: folders, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME with keys from the environment or ~/.aws/credentials."`

	MetricsListen string `yaml:"metrics_listen" doc:"Where Prometheus reaches /metrics and nothing else, without a token. Absent: at the control socket alone."`
	LogRequests   bool   `yaml:"log_requests" doc:"A line in the log for every request: number, route, status and time; nobody's name or address."`
	MinFreeMiB    uint64 `yaml:"min_free_mib" doc:"What is kept free on the disks of records and public tree: with less, nothing is issued (507) until there is room."`

	JWT            jwtSettings   `yaml:"jwt"`
	TrustedProxies []string      `yaml:"trusted_proxies" doc:"Addresses and networks of proxies whose X-Forwarded-For and X-Request-Id are believed."`
	Limits         limitSettings `yaml:"limits"`

	Webhooks webhookSettings `yaml:"webhooks"`

	Log    logSettings    `yaml:"log"`
	Status statusSettings `yaml:"status"`

	KeyWait        time.Duration `yaml:"key_wait" doc:"How long a new key stands in did.json before it signs: as long as caches hand out an older one, and mirrors are behind."`
	SeedCommand    string        `yaml:"seed_command" doc:"A command that prints the seed of the key that signs, and of the next one, a line each, in hexadecimal digits or base64."`
	LogSeedCommand string        `yaml:"log_seed_command" doc:"A command that prints the seed of the log."`
}

// jwtSettings say which JWTs of the platform are taken. The secret of HS256 comes from the environment alone.
type jwtSettings struct {
	JWKS       string            `yaml:"jwks" doc:"File or https address of the platform's public keys (JWK Set): switches on RS256, ES256 and EdDSA. HS256 is switched on by its secret in CERTD_JWT_HS256_SECRET."`
	Issuer     string            `yaml:"issuer" doc:"What iss has to be; needed with jwks."`
	Audience   string            `yaml:"audience" doc:"What aud has to hold; needed with jwks."`
	Algorithms []string          `yaml:"algorithms" doc:"Of RS256, ES256 and EdDSA, those that are taken."`
	Leeway     time.Duration     `yaml:"leeway" doc:"How far the platform's clock may be off."`
	Claims     claimSettings     `yaml:"claims"`
	Roles      map[string]string `yaml:"roles" doc:"The platform's names of roles, each with learner, enterprise_admin or admin."`
}

type claimSettings struct {
	User         string `yaml:"user" doc:"The claim that holds the person's id."`
	Name         string `yaml:"name" doc:"The claim that holds the person's name."`
	Role         string `yaml:"role" doc:"The claim that holds the person's role, or a list of them."`
	Organisation string `yaml:"organisation" doc:"The claim that holds the person's organisation."`
	Scope        string `yaml:"scope" doc:"The claim that holds rights to issue and to change a status."`
}

// logSettings are those of the public log.
type logSettings struct {
	Witnesses   []string      `yaml:"witnesses" doc:"Verifier keys of witnesses, others who cosign the public log; their cosignatures are kept and shown."`
	CosignEvery time.Duration `yaml:"cosign_every" doc:"How often the log's own cosignature is renewed, so that a monitor can tell a quiet log from a dead one."`
}

// statusSettings are those of the status lists.
type statusSettings struct {
	SignEvery time.Duration `yaml:"sign_every" doc:"How often the status lists are signed anew though nothing has changed: a verifier takes from it as of when they are true."`
}

// webhookSettings say how endpoints of certd webhook are called.
type webhookSettings struct {
	Allow   []string `yaml:"allow" doc:"Networks of your own that webhooks may go to, also by http, as [10.0.0.0/8]. All others have to be public and https."`
	Retries []string `yaml:"retries" doc:"When a delivery that failed is tried again, each time counted from the try before; after the last it is given up."`
}

// limitSettings are requests a minute; 0 is without limit.
type limitSettings struct {
	Token    int `yaml:"token" doc:"Requests a minute with one API token; 0 is without limit."`
	Person   int `yaml:"person" doc:"Requests a minute of one person."`
	Verify   int `yaml:"verify" doc:"Verifications a minute from one address, without a token."`
	Failures int `yaml:"failures" doc:"Bad tokens a minute from one address."`
}

// defaults are the settings where nothing is said.
func defaults(data string) settings {
	return settings{
		data: data, Public: "public", Listen: "127.0.0.1:8080", MinFreeMiB: 256, TrustedProxies: []string{"127.0.0.0/8", "::1/128"},
		Limits: limitSettings{Person: 600, Verify: 600, Failures: 60},
		Log:    logSettings{CosignEvery: time.Hour}, KeyWait: 5 * time.Minute,
		Status: statusSettings{SignEvery: 24 * time.Hour},
		JWT:    jwtSettings{Leeway: 30 * time.Second, Claims: claimSettings{User: "sub", Name: "name", Role: "role", Organisation: "org", Scope: "scope"}},

		Webhooks: webhookSettings{Retries: retries()},
	}
}

// retries writes the schedule of the standard as people do.
func retries() (all []string) {
	for _, d := range webhook.Schedule() {
		all = append(all, strings.NewReplacer("m0s", "m", "h0m0s", "h").Replace(d.String()))
	}
	return all
}

func (s settings) socket() string { return filepath.Join(s.data, "certd.sock") }

// readSettings reads data/certd.yaml, where it exists, and the environment. flagged are those given by flag.
func readSettings(data string, flagged settings) (settings, error) {
	s := defaults(data)
	if err := s.readFile(filepath.Join(data, "certd.yaml")); err != nil {
		return s, err
	}
	if err := s.readEnvironment(); err != nil {
		return s, err
	}
	s.Public = first(flagged.Public, s.Public)
	s.Templates = first(flagged.Templates, s.Templates)
	s.Listen = first(flagged.Listen, s.Listen)
	if len(flagged.FontDirs) > 0 {
		s.FontDirs = flagged.FontDirs
	}
	if len(flagged.Log.Witnesses) > 0 {
		s.Log.Witnesses = flagged.Log.Witnesses
	}
	if flagged.Log.CosignEvery != 0 {
		s.Log.CosignEvery = flagged.Log.CosignEvery
	}
	if every := s.Log.CosignEvery; every < time.Second {
		return s, fmt.Errorf("the log cannot be cosigned every %v; give a second or more, such as 1h", every)
	}
	if s.KeyWait <= 0 {
		return s, fmt.Errorf("key_wait: a key cannot wait for %v; give as long as caches keep did.json, such as 5m", s.KeyWait)
	}
	if every := s.Status.SignEvery; every < time.Second {
		return s, fmt.Errorf("the status lists cannot be signed every %v; give a second or more, such as 24h", every)
	}
	return s, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readFile reads the settings file; relative paths in it start at its own folder, so that certd can be
// started from anywhere.
func (s *settings) readFile(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	otherwise := s.Public
	s.Public = ""
	if err := yaml.UnmarshalWithOptions(data, s, yaml.Strict()); err != nil {
		var ye yaml.Error
		if errors.As(err, &ye) && ye.GetToken() != nil {
			at := ye.GetToken().Position
			return fmt.Errorf("%s:%d:%d: %s; the settings are %s", path, at.Line, at.Column, ye.GetMessage(), strings.Join(settingNames(), ", "))
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	s.Public, s.Templates = first(beside(path, s.Public), otherwise), beside(path, s.Templates)
	if !strings.Contains(s.JWT.JWKS, "://") {
		s.JWT.JWKS = beside(path, s.JWT.JWKS)
	}
	for i := range s.Mirrors {
		if !strings.Contains(s.Mirrors[i], "://") {
			s.Mirrors[i] = beside(path, s.Mirrors[i])
		}
	}
	for i := range s.FontDirs {
		s.FontDirs[i] = beside(path, s.FontDirs[i])
	}
	return nil
}

func beside(file, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// settingsFile is the certd.yaml of a new data folder.
func settingsFile(data, public string) (string, error) {
	absData, err := filepath.Abs(data)
	if err != nil {
		return "", err
	}
	absPublic, err := filepath.Abs(public)
	if err != nil {
		return "", err
	}
	way := absPublic
	if rel, err := filepath.Rel(absData, absPublic); err == nil && strings.Count(rel, "..") <= 1 {
		way = rel
	}
	quoted, err := yaml.Marshal(way)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`# Settings of certd. A flag wins over its CERTD_ variable, and that over this file.
# Relative paths start at the folder of this file.

# The public tree: what a web server serves. --public, CERTD_PUBLIC.
public: %s

# Where internal callers reach the API. --listen, CERTD_LISTEN.
# Put a TLS proxy in front of it before it leaves this machine.
listen: 127.0.0.1:8080

# certd help settings prints all of them.
`, strings.TrimSpace(string(quoted))), nil
}

// files is the choice of files; "" where nothing is said.
func (s settings) files() (templates.Files, error) {
	if s.Files == nil {
		return "", nil
	}
	chosen, err := templates.ChooseFiles(s.Files)
	if err != nil {
		return "", fmt.Errorf("files: %w", err)
	}
	return chosen, nil
}
