package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/site"
)

const verifyAbout = `certgen verify FILE|NUMBER|URL… verifies credentials (JSON, or the PNG or PDF that carries one) by the checks of their page:
number, proof, key, dates, status, log. With --public, a tree's own issuer is believed, and numbers and addresses of that
tree may be given. With --issuer and --did, that issuer alone is believed; status lists and statements come from --public or
--status, and the log's word from --public or from --log-proof, which --log-key says whose must be. A picture or PDF is
compared with the published one. Nothing is fetched. Exit code 1 unless all are valid.
`

// maxInput is the size in bytes above which a file is no certificate of ours.
const maxInput = 32 << 20

type verifyFlags struct {
	who         issuerFlags
	public      string
	status      list
	history     string
	maxAge      time.Duration
	logKey      string
	logProof    list
	quiet, json bool

	trust    site.Trust
	settings site.Settings // of the tree; empty without one
}

func verify(_ context.Context, args []string, stdout, _ io.Writer) error {
	var o verifyFlags
	f := newFlags("verify", verifyAbout)
	f.StringVar(&o.public, "public", "", "the issuer's public tree, `DIR`, or a copy of it")
	o.who.register(f)
	f.StringVar(&o.history, "keys", "", "the issuer's key history, keys.json, `FILE`: when each key was in force, and which was stolen")
	f.Var(&o.status, "status", "a status list, or a certificate's status.json, `FILE`; may be given several times")
	f.DurationVar(&o.maxAge, "max-age", 0, "call it unavailable where the status lists were signed longer ago than this, a `DURATION` such as 48h; 0 for any age")
	f.StringVar(&o.logKey, "log-key", "", "the verifier key of the issuer's log, as it stands in /log/vkey: `NAME+HASH+KEY`")
	f.Var(&o.logProof, "log-proof", "a certificate's inclusion proof, certificate.tlog-proof, `FILE`; may be given several times")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing; the exit code tells")
	f.BoolVar(&o.json, "json", false, "print a JSON object a line")
	inputs, done, err := f.parse(args, stdout)
	if done || err != nil {
		return err
	}
	if o.maxAge < 0 {
		return &usageError{fmt.Sprintf("verify: --max-age %s; give a duration such as 48h, or 0 for any age", o.maxAge)}
	}
	if len(inputs) == 0 {
		return &usageError{"verify: nothing to verify; give a file, a number or an address"}
	}
	if err := o.believe(); err != nil {
		return err
	}
	bad := false
	for _, input := range inputs {
		v, err := o.one(input)
		bad = bad || err != nil || v.Verdict != site.Valid
		if err := o.print(stdout, input, v, err); err != nil {
			return err
		}
	}
	if bad {
		return errFailed
	}
	return nil
}

// believe finds out whom to believe, and where status lists and statements are.
func (o *verifyFlags) believe() error {
	if o.public == "" && !o.who.given() {
		return &usageError{"verify: whom to believe? give --public DIR, or --issuer DID and --did FILE"}
	}
	if o.public != "" {
		var err error
		if o.trust, o.settings, err = site.TreeTrust(o.public); err != nil {
			return err
		}
	}
	if o.who.given() {
		keys, err := o.who.keys("verify")
		if err != nil {
			return err
		}
		if o.settings.Issuer != "" && o.settings.Issuer != keys.Issuer() {
			return fmt.Errorf("%s is the tree of %s, not of %s", o.public, o.settings.Issuer, keys.Issuer())
		}
		if o.trust.Keys, err = o.within(keys); err != nil {
			return err
		}
	} else if o.history != "" {
		return &usageError{"verify: --keys goes with --issuer and --did; a public tree has its own"}
	}
	o.trust.MaxAge = o.maxAge
	if err := o.addLog(); err != nil {
		return err
	}
	return o.addStatus()
}

// within narrows keys to what the key history says of them, where one is given.
func (o *verifyFlags) within(keys credential.Keys) (credential.Keys, error) {
	if o.history == "" {
		return keys, nil
	}
	data, err := readInput(o.history)
	if err != nil {
		return keys, err
	}
	h, err := credential.ParseHistory(data, keys)
	if err != nil {
		return keys, fmt.Errorf("%s: %w", o.history, err)
	}
	return h.Restrict(keys), nil
}

// addLog takes the log's key and inclusion proofs given by hand. A key that is not the tree's own is an error: the tree
// is of another log, or of a forger.
func (o *verifyFlags) addLog() error {
	keys := o.settings.Log
	switch {
	case o.logKey == "" && len(o.logProof) == 0:
		return nil
	case o.logKey == "" && o.public == "":
		return &usageError{"verify: whose log? give its key with --log-key beside --log-proof"}
	case keys.Key != "" && o.logKey != "" && keys.Key != o.logKey:
		return fmt.Errorf("%s has the log key %s, not %s", o.public, keys.Key, o.logKey)
	case keys.Key == "":
		keys.Key = o.logKey
	}
	if len(o.logProof) == 0 {
		if o.public == "" {
			return &usageError{"verify: --log-key needs --log-proof or --public"}
		}
		return nil
	}
	given := map[[32]byte][]byte{}
	for _, name := range o.logProof {
		data, err := readInput(name)
		if err != nil {
			return err
		}
		p, err := certlog.ParseProof(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		given[p.Entry.Digest] = data
	}
	proof := func(c *credential.Credential) ([]byte, error) {
		if data, ok := given[c.Digest()]; ok {
			return data, nil
		}
		return nil, errors.New("no inclusion proof of it was given")
	}
	var (
		file func(string) ([]byte, error)
		err  error
	)
	if o.public != "" {
		file = site.TreeFile(o.public)
	}
	o.trust.Log, err = site.OpenLog(keys, proof, file)
	return err
}

// outcome is what came of one input.
type outcome struct {
	site.Verification
	copied string // copySame, copyDiffers, or "" where nothing is published to compare with
	path   string // of the published file
}

func (o *verifyFlags) one(input string) (out outcome, err error) {
	in, err := o.read(input)
	if err != nil {
		return out, err
	}
	out.Verification = site.Verify(in.doc, in.number, in.number != "", o.trust, time.Now())
	if in.published != nil && out.Credential != nil && o.public != "" {
		out.path = in.published(out.Credential.Number())
		out.copied = o.compareCopy(in.file, out.path)
	}
	return out, nil
}

// given is what an input means.
type given struct {
	doc       []byte
	number    credential.Number              // "" for a file
	file      []byte                         // the file that carries doc
	published func(credential.Number) string // where a tree has such a file; nil for a document by itself
}

// read finds the signed document that an input means.
func (o *verifyFlags) read(input string) (in given, err error) {
	if strings.Contains(input, "://") {
		in.number, err = o.address(input)
	} else {
		data, fileErr := readInput(input)
		if fileErr == nil {
			in.file = data
			in.doc, in.published, err = carried(data)
			return in, err
		}
		if !errors.Is(fileErr, fs.ErrNotExist) {
			return in, fileErr
		}
		in.number, err = credential.ParseNumber(input)
		if err != nil {
			err = fmt.Errorf("no such file, and no certificate number: %w", err)
		}
	}
	if err != nil {
		return in, err
	}
	if o.public == "" {
		return in, errors.New("a number or an address needs --public DIR, the tree to look it up in")
	}
	in.doc, err = site.TreeCredential(o.public, in.number)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s has no certificate %s", o.public, in.number)
	}
	return in, err
}

// address returns the number in an address under the tree's own base address, whichever of its files it leads to.
func (o *verifyFlags) address(input string) (credential.Number, error) {
	u, err := url.Parse(input)
	if err != nil {
		return "", err
	}
	if o.settings.BaseURL == "" {
		return "", errors.New("an address needs --public DIR, a tree of that address; nothing is fetched")
	}
	if origin := u.Scheme + "://" + u.Host; !strings.EqualFold(origin, o.settings.BaseURL) || u.User != nil {
		return "", fmt.Errorf("not an address under %s, and nothing is fetched from elsewhere", o.settings.BaseURL)
	}
	rest, ok := strings.CutPrefix(u.Path, "/c/")
	if !ok {
		return "", fmt.Errorf("not a certificate's address, which is %s/c/NUMBER/", o.settings.BaseURL)
	}
	s, _, _ := strings.Cut(rest, "/")
	return credential.ParseNumber(s)
}

func readInput(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("%s: more than %d bytes; no certificate is that large", name, maxInput)
	}
	return data, err
}

// verified is a line of --json.
type verified struct {
	Input   string         `json:"input"`
	Verdict string         `json:"verdict"`
	Error   string         `json:"error,omitempty"`
	Checks  []site.Finding `json:"checks"`
	*site.Status
	Log   *site.Logged      `json:"log,omitempty"`   // of a certificate that the log has
	Copy  string            `json:"copy,omitempty"`  // of a picture or PDF: "same" as the published one, or it "differs"
	Facts map[string]string `json:"facts,omitempty"` // of a document whose number, proof and key passed
}

func (o *verifyFlags) print(w io.Writer, input string, v outcome, err error) error {
	line := verified{Input: input, Verdict: v.Verdict, Checks: v.Checks, Status: v.Status, Log: v.Logged, Copy: v.copied}
	if err != nil {
		line.Verdict, line.Error, line.Checks = site.Unavailable, err.Error(), []site.Finding{}
	}
	var order []string
	if v.Credential != nil {
		order, line.Facts = facts(v.Credential, v.Logged)
	}
	switch {
	case o.quiet:
		return nil
	case o.json:
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(line)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", input, line.Verdict)
	if line.Error != "" {
		fmt.Fprintf(&b, "  %s\n", line.Error)
	}
	for _, c := range line.Checks {
		fmt.Fprintf(&b, "  %-6s %-4s %s\n", c.Check, c.Result, c.Message)
	}
	switch v.copied {
	case copySame:
		fmt.Fprintf(&b, "  %-6s %-4s the same as the published %s\n", "copy", "", v.path)
	case copyDiffers:
		fmt.Fprintf(&b, "  %-6s %-4s this copy differs from the published %s, compare the facts\n", "copy", "", v.path)
	}
	for _, name := range order {
		fmt.Fprintf(&b, "  %-11s %q\n", name, line.Facts[name])
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// facts are the facts of a verified document, and their order, named as on its page. Where the log recorded it later
// than the date that it bears, that date comes too.
func facts(c *credential.Credential, logged *site.Logged) ([]string, map[string]string) {
	recorded := ""
	if logged != nil {
		recorded = logged.Later(c)
	}
	value, most := c.Result()
	if c.Kind() == "exam" {
		value += " / " + most
	} else if value != "" {
		value += "%"
	}
	all := [][2]string{
		{"number", string(c.Number())}, {"recipient", c.Recipient()}, {"title", c.Name}, {"achievement", c.Subject.Achievement.Name},
		{"result", value}, {"issued", c.Issued()}, {"recorded on", recorded}, {"expires", c.Expires()}, {"issuer", c.Issuer.Name},
	}
	var order []string
	out := map[string]string{}
	for _, f := range all {
		if f[1] != "" {
			order, out[f[0]] = append(order, f[0]), f[1]
		}
	}
	return order, out
}
