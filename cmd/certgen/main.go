// Command certgen is the generator: it builds, checks, verifies and serves a public tree of certificates. It needs
// nothing but that tree and templates; it never opens the records.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"laurel/internal/completion"
)

const usage = `certgen builds and checks the public tree of a certificate site, and shows templates to those who edit them.

  certgen build   --public DIR [--templates DIR] [--font-dir DIR] [--jobs N] [--force] [--only png,pdf,card,html] [--precompress gz,br]
  certgen check   --public DIR [--templates DIR] [--font-dir DIR] [--issuer DID --did FILE] [--no-picture]
  certgen verify  FILE|NUMBER|URL… --public DIR | --issuer DID --did FILE [--status FILE] [--log-key KEY --log-proof FILE]
  certgen audit   --from URL|DIR --state FILE [--numbers FILE]
  certgen serve   --public DIR [--listen 127.0.0.1:8081]
  certgen serve   --templates DIR [--font-dir DIR] [--listen 127.0.0.1:8090]
  certgen watch   --public DIR --templates DIR [--font-dir DIR] [--jobs N]
  certgen publish --public DIR --to DIR|s3://BUCKET/PREFIX?endpoint=URL [--dry-run] [--max-deletes N] [--host KIND] [--relist]
  certgen host-config nginx|caddy|cloudfront [--public DIR] [--base-url URL]
  certgen check-host URL [--number NUMBER]
  certgen new     certificate|layout NAME --templates DIR [--from NAME]
  certgen completion bash|zsh|fish

certgen VERB --help says more. Exit codes: 0 done, 1 failed, 2 usage.
`

// errFailed ends a verb with exit code 1 after it has said why.
var errFailed = errors.New("failed")

// usageError ends a verb with exit code 2.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not wait
	os.Exit(exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

// run carries out one command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	verbs := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"build": build, "check": check, "verify": verify, "serve": serve, "audit": audit, "watch": watch, "new": newDraft,
		"publish": publishTree, "host-config": hostConfig, "check-host": checkHost,
	}
	if len(args) == 0 {
		return &usageError{"no verb\n\n" + usage}
	}
	if verb, ok := verbs[args[0]]; ok {
		do := func() error { return verb(ctx, args[1:], stdout, stderr) }
		if args[0] == "serve" {
			return do() // it lets running requests end
		}
		return interruptible(ctx, do)
	}
	switch args[0] {
	case "completion":
		if len(args) != 2 {
			return &usageError{"completion: say for which shell: " + strings.Join(completion.Shells(), ", ")}
		}
		script, err := completion.Script(args[1], "certgen")
		if err != nil {
			return &usageError{err.Error()}
		}
		_, err = io.WriteString(stdout, script)
		return err
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	}
	return &usageError{fmt.Sprintf("unknown verb %q\n\n%s", args[0], usage)}
}

// advised says what to do about a file of somebody else's, which programs that run as another user meet all the time.
func advised(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; run certgen as the user that owns the folder, or change the owner", err)
	}
	return err
}

// exit says what went wrong, and gives the exit code.
func exit(err error, stderr io.Writer) int {
	var wrong *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "certgen: %s\n", wrong.msg)
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "certgen: %s\n", interrupted)
	case !errors.Is(err, errFailed):
		fmt.Fprintf(stderr, "certgen: %v\n", advised(err))
	}
	return 1
}
