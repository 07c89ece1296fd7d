// Command tree writes the signed documents of a public tree of any size, log and inclusion proofs included, and nothing
// that follows from them: what certgen build has to make pages and pictures of. The same number gives the same bytes.
//
//	go run ./bench/tree --certificates 100000 --out DIR
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"laurel/templates"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tree:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("tree", flag.ExitOnError)
	n := flags.Int("certificates", 1000, "how many")
	out := flags.String("out", "", "folder that is made; it must not be there")
	files := flags.String("files", "", "which files certificates have besides page and credential, a `LIST` of png, pdf, card or none (default: all)")
	base := flags.String("base-url", "https://certs.example.org", "address of the site")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || *n < 0 || flags.NArg() > 0 {
		return fmt.Errorf("give --out DIR and --certificates N")
	}
	if err := os.Mkdir(*out, 0o755); err != nil {
		return fmt.Errorf("%w; give a folder that is not there yet", err)
	}
	i, err := newIssuer(*base, *out)
	if err != nil {
		return err
	}
	if *files != "" {
		names := strings.Split(*files, ",")
		if *files == "none" {
			names = nil
		}
		if i.files, err = templates.ChooseFiles(names); err != nil {
			return err
		}
	}
	return i.write(ctx, *n, runtime.GOMAXPROCS(0))
}
