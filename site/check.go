package site

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/templates"
)

// Report is what Check found.
type Report struct {
	Certificates int       `json:"certificates"` // that were looked at
	Problems     []Problem `json:"problems"`     // sorted by path
}

// Problem is one thing that is wrong with a tree.
type Problem struct {
	Path    string `json:"path"` // relative to the tree
	Message string `json:"message"`
}

// CheckOptions tell Check what to hold the tree against.
type CheckOptions struct {
	Templates *templates.Set // nil: the embedded ones
	FontDirs  []string
	Jobs      int  // 0: one for each core
	NoPicture bool // do not paint pictures and PDFs anew to compare them; their credential is compared all the same

	Progress func(certificates int) // called after each certificate, never twice at the same time; nil: not
}

// Check holds a public tree against its own rules and the embedded templates. See CheckTree.
func Check(ctx context.Context, dir string, keys credential.Keys) (Report, error) {
	return CheckTree(ctx, dir, keys, CheckOptions{})
}

// CheckTree verifies every signed document of a tree, both proofs and the very bytes, and renders every output anew to
// compare it. It reports documents that do not verify, stand in a wrong place or point to a status list that is not
// there, outputs that are missing or other than a clean build would make them, and files that nothing accounts for.
//
// keys are those of the issuer whom the caller trusts; with the zero Keys the tree's own did.json is believed, which
// finds damage but no forger. The error is for a tree that cannot be looked at; what is wrong with it is in the Report.
func CheckTree(ctx context.Context, dir string, keys credential.Keys, o CheckOptions) (Report, error) {
	if info, err := os.Stat(dir); err != nil {
		return Report{}, err
	} else if !info.IsDir() {
		return Report{}, fmt.Errorf("%s is not a folder; name the public tree", dir)
	}
	if o.Templates == nil {
		var err error
		if o.Templates, err = templates.Open(""); err != nil {
			return Report{}, err
		}
	}
	r, err := NewRenderer(o.Templates, o.FontDirs)
	if err != nil {
		return Report{}, err
	}
	return checkWith(ctx, dir, keys, o, r)
}

// checkWith is CheckTree with a renderer that is there already.
func checkWith(ctx context.Context, dir string, keys credential.Keys, o CheckOptions, r *Renderer) (Report, error) {
	c := &checker{dir: dir, o: o, renderer: r, lists: map[string]*credential.StatusList{}, known: map[string]bool{}, spoken: map[place][]spoken{}}
	if err := c.run(ctx, keys); err != nil {
		return Report{}, err
	}
	slices.SortFunc(c.report.Problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	return c.report, nil
}

type checker struct {
	dir      string
	o        CheckOptions
	renderer *Renderer
	site     *siteState
	keys     credential.Keys
	told     *credential.History
	lists    map[string]*credential.StatusList // by address
	log      *checkedLog                       // nil where it cannot be read
	press    press
	known    map[string]bool    // files of the whole tree that are accounted for
	spoken   map[place][]spoken // what the log says of certificates, in its order

	mu     sync.Mutex
	report Report
}

func (c *checker) problem(path, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Problems = append(c.report.Problems, Problem{path, fmt.Sprintf(format, args...)})
}

func (c *checker) run(ctx context.Context, keys credential.Keys) error {
	if !c.settings(keys) {
		return nil
	}
	if err := c.statusLists(); err != nil {
		return err
	}
	if err := c.base(); err != nil {
		return err
	}
	if err := c.checkLog(); err != nil {
		return err
	}
	numbers, err := Numbers(c.dir)
	if err != nil {
		return err
	}
	if err := c.certificates(ctx, numbers); err != nil {
		return err
	}
	return c.strangers()
}

// settings reads did.json and site.json; without them nothing else can be judged.
func (c *checker) settings(keys credential.Keys) bool {
	var data [2][]byte
	for i, path := range []string{DIDPath, SettingsPath} {
		var err error
		if data[i], err = readDocument(c.dir, path); err != nil {
			c.problem(path, "%v; export the tree anew with certd export", err)
			return false
		}
		c.known[path] = true
	}
	site, err := newSiteState(data[0], data[1])
	if err != nil {
		path := SettingsPath
		if strings.HasPrefix(err.Error(), DIDPath) {
			path = DIDPath
		}
		c.problem(path, "%v", err)
		return false
	}
	if err := credential.Canonical(data[0]); err != nil {
		c.problem(DIDPath, "%v", err)
	}
	c.site, c.keys = site, site.keys
	if keys.Issuer() != "" {
		c.keys = keys
		if _, err := ParseSettings(data[1], keys); err != nil {
			c.problem(SettingsPath, "%v", err)
			return false
		}
	}
	return c.history()
}

// history reads the key history, which says when each key was in force.
func (c *checker) history() bool {
	keys, history, err := TreeKeys(c.dir, c.keys)
	if err != nil {
		c.problem(KeysPath, "%s", strings.TrimPrefix(err.Error(), c.dir+": "))
		return false
	}
	c.known[KeysPath], c.keys, c.told = true, keys, history
	return true
}

func (c *checker) statusLists() error {
	paths, err := statusLists(c.dir)
	if err != nil {
		return err
	}
	for _, path := range paths {
		c.known[path] = true
		data, err := readDocument(c.dir, path)
		if err != nil {
			c.problem(path, "%v", err)
			continue
		}
		l, err := credential.VerifyStatusList(data, c.keys)
		if err == nil {
			err = credential.Canonical(data)
		}
		if err != nil {
			c.problem(path, "%v", err)
			continue
		}
		purpose, _, _ := statusListIn(path)
		if want := c.site.BaseURL + "/" + path; l.URL != want || l.Purpose != purpose {
			c.problem(path, "it is the %s list %s; move it to its place", l.Purpose, l.URL)
			continue
		}
		c.lists[l.URL] = l
	}
	return nil
}

func (c *checker) base() error {
	outputs, err := c.renderer.base(c.site)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		c.known[o.path] = true
		c.compare(o.path, o.data)
	}
	return nil
}

// compare holds a file against what a clean build would make of it.
func (c *checker) compare(path string, want []byte) {
	got, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.problem(path, "missing; run certgen build")
	case err != nil:
		c.problem(path, "%v", err)
	case !bytes.Equal(got, want):
		c.problem(path, "not what a clean build makes of the documents and these templates; run certgen build --force")
	}
}

func (c *checker) certificates(ctx context.Context, numbers []credential.Number) error {
	jobs := c.o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	next := make(chan credential.Number)
	for range jobs {
		wg.Go(func() {
			for n := range next {
				c.certificate(n)
				c.mu.Lock()
				c.report.Certificates++
				if c.o.Progress != nil {
					c.o.Progress(c.report.Certificates)
				}
				c.mu.Unlock()
			}
		})
	}
	var err error
	for _, n := range numbers {
		if err = ctx.Err(); err != nil {
			break
		}
		next <- n
	}
	close(next)
	wg.Wait()
	return err
}

func (c *checker) certificate(n credential.Number) {
	said, ok := c.statements(n)
	if !ok {
		return
	}
	if said != nil && said.Erased() {
		c.erased(n, said)
		return
	}
	path := CredentialPath(n)
	doc, err := readDocument(c.dir, path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("missing; put it back, or remove what is left of this certificate with certgen build --prune")
		}
		c.problem(path, "%v", err)
		return
	}
	signed, err := credential.VerifyPublished(doc, c.keys)
	if revoked, ok := errors.AsType[*credential.RevokedKeyError](err); ok && c.log != nil {
		signed, err = c.stolen(doc, revoked)
	}
	if err != nil {
		c.problem(path, "%v", err)
		return
	}
	if _, err := c.site.credential(n, doc); err != nil {
		c.problem(path, "%s", strings.TrimPrefix(err.Error(), path+": "))
		return
	}
	papers := Papers{signed, doc, said}
	c.status(papers)
	c.inclusion(signed)
	if _, ok := c.renderer.Template(signed); !ok {
		c.problem(path, "template %q is gone; its looks come from the embedded template of its type until certificates/%s.md is back", signed.TemplateID(), signed.TemplateID())
	}
	c.painted(PagePath(n), func(out *bytes.Buffer) error { return c.renderer.page(out, c.site, papers) })
	t, _ := c.renderer.Template(signed)
	files := c.renderer.files(c.site, t)
	c.picture(n, papers, files)
	known := []string{StatusPath(n), CredentialPath(n), ProofPath(n)}
	for _, o := range renderings() {
		if files.Has(o.name) {
			known = append(known, o.path(n))
		}
	}
	c.folder(n, known)
	for _, path := range compressibleOf(n) {
		c.pressedAll(path)
	}
}

// stolen judges a certificate that a stolen key signed. One that the log does not show to be older is void, and where the
// issuer has revoked it besides, there is nothing left to do about it.
func (c *checker) stolen(doc []byte, revoked *credential.RevokedKeyError) (*credential.Credential, error) {
	signed, err := olderThan(c.log.Log, doc, revoked)
	if signed == nil || !refuted(err) {
		return signed, err
	}
	n, index := signed.StatusPlace()
	l := c.lists[c.site.BaseURL+"/"+StatusListPath(Revocation, n)]
	if l == nil {
		return nil, err
	}
	if on, bad := l.Get(index); bad != nil || !on {
		return nil, fmt.Errorf("void: %w; revoke it, and issue another in its place", err)
	}
	return signed, nil
}

// folder reports files of a certificate's folder that nothing accounts for; those of known may be there.
func (c *checker) folder(n credential.Number, known []string) {
	names, err := list(filepath.Join(c.dir, "c", string(n)))
	if err != nil {
		c.problem("c/"+string(n), "%v", err)
	}
	for _, name := range names {
		if path := "c/" + string(n) + "/" + name; !slices.Contains(known, path) {
			c.stranger(path)
		}
	}
}

// strangers reports files outside the certificates' folders that nothing accounts for.
func (c *checker) strangers() error {
	return filepath.WalkDir(c.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(c.dir, name)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(rel)
		if d.IsDir() {
			if _, ok := NumberIn(path); ok {
				return fs.SkipDir
			}
			return nil
		}
		if !c.known[path] {
			c.stranger(path)
		} else {
			c.pressedAll(path)
		}
		return nil
	})
}

func (c *checker) stranger(path string) {
	if durable.IsTemp(filepath.Base(path)) {
		c.problem(path, "left over from a write that was cut off; the next certgen build removes it")
		return
	}
	if c.sibling(path) {
		return
	}
	c.problem(path, "nothing accounts for this file; remove it if it is not yours, or with certgen build --prune if this program made it")
}
