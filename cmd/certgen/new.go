package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"laurel/internal/durable"
	"laurel/internal/picture"
	"laurel/templates"
)

const newAbout = `certgen new layout NAME --templates DIR
certgen new certificate NAME --templates DIR

Writes a commented file to start from, DIR/layouts/NAME.yaml or DIR/certificates/NAME.md, which works as it is. With
--from, it is a copy of one that is there, built in or your own. A file that exists is never touched. Beside a layout
comes layout.schema.json, by which editors that know YAML schemas complete and check what you type.
`

// scaffold are the files to start from; NAME and LAYOUT stand in them for what the user calls these.
//
//go:embed scaffold
var scaffold embed.FS

// draft is a template file that is to be written.
type draft struct {
	what, name   string // what is layout or certificate
	dir          string
	from         string
	kind, layout string // of a certificate
}

func newDraft(_ context.Context, args []string, stdout, _ io.Writer) error {
	var d draft
	f := newFlags("new", newAbout)
	f.StringVar(&d.dir, "templates", "", "`DIR` of your templates; made if it is not there")
	f.StringVar(&d.from, "from", "", "begin with a copy of the layout or certificate of this `NAME`")
	f.StringVar(&d.kind, "type", "", "of a certificate, `TYPE`: course, exam or achievement; course if not given")
	f.StringVar(&d.layout, "layout", "", "of a certificate, the `NAME` of its layout; classical if not given")
	operands, done, err := f.parse(args, stdout)
	if done || err != nil {
		return err
	}
	if err := d.read(operands); err != nil {
		return err
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	path := filepath.Join(d.dir, filepath.FromSlash(d.file(d.name)))
	if err := create(path, text); err != nil {
		return err
	}
	if d.what == "layout" {
		if err := d.writeSchema(); err != nil {
			return err
		}
	}
	return d.print(stdout, path)
}

// read takes the operands and refuses what does not go together.
func (d *draft) read(operands []string) error {
	if len(operands) != 2 || operands[0] != "layout" && operands[0] != "certificate" {
		return &usageError{"new: what? give layout NAME or certificate NAME, and --templates DIR"}
	}
	d.what, d.name = operands[0], operands[1]
	switch {
	case !templates.ValidID(d.name):
		return &usageError{fmt.Sprintf("new: %q cannot be a name; give 1 to 64 of a–z, 0–9 and -, with no - at either end", d.name)}
	case d.dir == "":
		return &usageError{"new: where? give --templates DIR, your folder of templates"}
	case d.what == "layout" && (d.kind != "" || d.layout != ""):
		return &usageError{"new: --type and --layout are for certificates; a layout serves every type"}
	case d.from != "" && (d.kind != "" || d.layout != ""):
		return &usageError{"new: --from copies type and layout too; leave --type and --layout away"}
	case d.kind != "" && !slices.Contains(templates.Types, d.kind):
		return &usageError{fmt.Sprintf("new: unknown type %q; known are %s", d.kind, strings.Join(templates.Types, ", "))}
	}
	return nil
}

// file is the name in a Set of a template of this sort.
func (d *draft) file(name string) string {
	if d.what == "layout" {
		return "layouts/" + name + ".yaml"
	}
	return "certificates/" + name + ".md"
}

// text is what to write.
func (d *draft) text() ([]byte, error) {
	builtIn, err := templates.Open("")
	if err != nil {
		return nil, err
	}
	if d.from != "" {
		return d.copied(builtIn)
	}
	if _, _, err := builtIn.Read(d.file(d.name)); err == nil {
		return nil, fmt.Errorf("%s is a built-in %s, and yours would replace it wherever it is used; give another name, or --from %s to begin with a copy of it", d.name, d.what, d.name)
	}
	if d.what == "layout" {
		return d.fill("layout.yaml")
	}
	if d.kind == "" {
		d.kind = templates.Types[0]
	}
	if d.layout == "" {
		d.layout = "classical"
	}
	if err := d.find(builtIn, "layout", "layouts/"+d.layout+".yaml", d.layout); err != nil {
		return nil, err
	}
	return d.fill(d.kind + ".md")
}

func (d *draft) fill(name string) ([]byte, error) {
	data, err := fs.ReadFile(scaffold, "scaffold/"+name)
	return []byte(strings.NewReplacer("NAME", d.name, "LAYOUT", d.layout).Replace(string(data))), err
}

// copied is the text of the template that --from names. The user's own comes first, as it does everywhere; it is read as
// a file, because a folder with a mistake in another file can be copied from all the same.
func (d *draft) copied(builtIn *templates.Set) ([]byte, error) {
	name := d.file(d.from)
	if err := d.find(builtIn, d.what, name, d.from); err != nil {
		return nil, err
	}
	if data, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(name))); err == nil {
		return data, nil
	}
	data, _, err := builtIn.Read(name)
	return data, err
}

// find refuses the name of what is neither built in nor in the user's folder.
func (d *draft) find(builtIn *templates.Set, what, name, short string) error {
	if templates.ValidID(short) {
		if _, _, err := builtIn.Read(name); err == nil {
			return nil
		}
		if info, err := os.Stat(filepath.Join(d.dir, filepath.FromSlash(name))); err == nil && info.Mode().IsRegular() {
			return nil
		}
	}
	var have []string
	for _, f := range builtIn.List(filepath.Dir(name)) {
		have = append(have, strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)))
	}
	return fmt.Errorf("no %s %q, neither in %s nor built in; built in are %s", what, short, d.dir, strings.Join(have, ", "))
}

// create writes a file that must not exist, and the folders above it.
func create(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and is left as it is; give another name, or edit that file", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// schemaFile is what the first line of a layout names for editors. It is ours: what an older program wrote is replaced.
const schemaFile = "layouts/layout.schema.json"

func (d *draft) writeSchema() error {
	path := filepath.Join(d.dir, filepath.FromSlash(schemaFile))
	if durable.Same(path, picture.Schema) {
		return nil
	}
	return durable.WriteFile(path, picture.Schema, 0o666)
}

func (d *draft) print(w io.Writer, path string) error {
	use := `use it in a request: "template": "` + d.name + `"`
	if d.what == "layout" {
		use = `use it in a certificate: layout: ` + d.name
	}
	_, err := fmt.Fprintf(w, "%s\nsee it:  certgen serve --templates %s\n%s\n", path, quoted(d.dir), use)
	return err
}

// quoted is a path as it can be pasted into a shell.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+:@,", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
