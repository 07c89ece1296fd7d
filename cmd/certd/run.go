package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"laurel/internal/completion"
)

const usage = `certd issues certificates and publishes them as static files.

  certd init   --base-url URL --issuer-name NAME [--timezone ZONE] [--public DIR]
  certd serve  [--public DIR] [--templates DIR] [--font-dir DIR]… [--listen HOST:PORT]
  certd key    list
  certd key    rotate
  certd key    revoke METHOD|FINGERPRINT --as-of INDEX|TIME [--dry-run]
  certd token  create --name NAME --scope issue|read|status|admin… [--organisation ORG] [--expires TIME]
  certd token  list
  certd token  rotate NAME [--grace 24h] [--expires TIME]
  certd token  revoke ID|NAME
  certd webhook add URL [--event TYPE]… [--recipient]
  certd webhook list
  certd webhook remove ID|URL
  certd webhook rotate ID|URL [--grace 24h]
  certd webhook enable ID|URL
  certd webhook deliveries ID|URL [--state waiting|delivered|failed]
  certd webhook replay ID|URL EVENT|NUMBER|failed
  certd issue  FILE.json|FILE.ndjson|-
  certd import FILE.csv|FILE.ndjson [--set template=course] [--map HEADING=FIELD]… [--dry-run]
  certd status NUMBER revoked|suspended|valid --reason WHY [--code CODE]
  certd replace NUMBER FILE.json|-
  certd erase NUMBER [--reason WHY] [--yes]
  certd compact
  certd export
  certd fsck
  certd doctor
  certd backup FILE
  certd restore FILE [--adopt DIR]
  certd completion bash|zsh|fish

Every verb takes --data DIR (else $CERTD_DATA, else data). certd VERB --help says more,
and certd help settings what can be set.
`

// environment is what a verb may use of the outside world.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// usageError is a mistake in how the command was called: exit code 2.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func misused(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// errSaid means that everything there is to say stands on stderr already: exit code 1.
var errSaid = errors.New("refused")

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr}
	verbs := map[string]func(context.Context, *environment, []string) error{
		"key":     key,
		"webhook": webhooks,

		"init": initialise, "serve": serve, "token": token, "issue": issue, "import": importFile, "status": status, "replace": replace, "erase": erase, "compact": compact, "export": export, "fsck": fsck, "doctor": doctor, "backup": backup, "restore": restore,
	}
	if len(args) == 0 {
		return misused("no verb\n\n%s", usage)
	}
	switch args[0] {
	case "completion":
		if len(args) != 2 {
			return misused("completion: say for which shell: %s", strings.Join(completion.Shells(), ", "))
		}
		script, err := completion.Script(args[1], "certd")
		if err != nil {
			return &usageError{err.Error()}
		}
		_, err = io.WriteString(stdout, script)
		return err
	case "help", "-h", "-help", "--help":
		if len(args) > 1 && args[1] == "settings" {
			return writeReference(stdout)
		}
		_, err := io.WriteString(stdout, usage)
		return err
	}
	verb, ok := verbs[args[0]]
	if !ok {
		return misused("unknown verb %q\n\n%s", args[0], usage)
	}
	return verb(ctx, env, args[1:])
}

// exitCode says what went wrong, and turns it into 0 done, 1 failed or 2 usage.
func exitCode(err error, stderr io.Writer) int {
	var u *usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &u):
		fmt.Fprintln(stderr, "certd:", strings.TrimSuffix(u.message, "\n"))
		return 2
	}
	fmt.Fprintln(stderr, "certd:", advised(err))
	return 1
}

// advised says what to do about a file of somebody else's, which programs that run as another user meet all the time.
func advised(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; run certd as the user that owns the data folder and the public tree, or change their owner", err)
	}
	return err
}

// flags starts the flags of a verb, --data among them.
func (env *environment) flags(verb, synopsis string) (*flag.FlagSet, *string) {
	fs := flag.NewFlagSet(verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {
		fmt.Fprintf(env.stdout, "usage: certd %s %s\n\n", verb, synopsis)
		fs.SetOutput(env.stdout)
		fs.PrintDefaults()
	}
	data := os.Getenv("CERTD_DATA")
	if data == "" {
		data = "data"
	}
	return fs, fs.String("data", data, "`folder` of the records, the keys and certd.yaml")
}

// parse reads flags, which may stand before and after the want arguments that are no flags.
func parse(fs *flag.FlagSet, args []string, want ...string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, misused("%s: %v; certd %s --help lists the flags", fs.Name(), err, fs.Name())
		}
		if fs.NArg() == 0 {
			break
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
	switch {
	case len(rest) > len(want) && len(want) == 0:
		return nil, misused("%s: unexpected %q; certd %s --help says what it takes", fs.Name(), rest[0], fs.Name())
	case len(rest) > len(want):
		return nil, misused("%s: unexpected %q after %s; certd %s --help says what it takes", fs.Name(), rest[len(want)], strings.Join(want, " "), fs.Name())
	case len(rest) < len(want) && !strings.HasPrefix(want[len(rest)], "["):
		return nil, misused("%s: %s is missing", fs.Name(), want[len(rest)])
	}
	return rest, nil
}

// list is a flag that can be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}
