package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"laurel/internal/durable"
	"laurel/internal/issuer"
)

// initialise makes a new issuer: records, keys, settings and the first public tree.
func initialise(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("init", "--base-url URL --issuer-name NAME [--timezone ZONE] [--data DIR] [--public DIR]")
	public := fs.String("public", "public", "`folder` of the public tree")
	base := fs.String("base-url", "", "`address` that the public tree will have, https://certs.example.org; it cannot be changed later")
	name := fs.String("issuer-name", "", "`name` of the organisation that issues, as certificates show it")
	zone := fs.String("timezone", "UTC", "time `zone` of the dates on certificates, Asia/Shanghai")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	if *base == "" || *name == "" {
		return misused("init: --base-url and --issuer-name are needed, as --base-url https://certs.example.org --issuer-name 'Example Academy'")
	}
	if _, err := time.LoadLocation(*zone); err != nil || *zone == "" || *zone == "Local" {
		return misused("init: --timezone %q is not known; give a name of the IANA list, as Asia/Shanghai", *zone)
	}
	if err := refuseExisting(*data, *public); err != nil {
		return err
	}
	seeds, err := readSecrets(ctx, settings{})
	if err != nil {
		return err
	}
	yaml, err := settingsFile(*data, *public)
	if err != nil {
		return err
	}
	err = issuer.Create(ctx, issuer.Config{
		DataDir: *data, PublicDir: *public, BaseURL: *base, IssuerName: *name, Timezone: *zone,
		Signers: seeds.signers(), LogSeed: seeds.log,
		Log: logger(env.stderr), Socket: settings{data: *data}.socket(),
	})
	if err != nil {
		return err
	}
	if err := durable.WriteFileSync(filepath.Join(*data, "certd.yaml"), []byte(yaml), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "made %s and %s for %s\nkeep %s safe and backed up: who has them can issue in this name, and without them nobody can\n",
		*data, *public, *base, seeds.where(*data))
	return nil
}

// where names the places of both seeds, for people.
func (s secrets) where(data string) string {
	signing, log := filepath.Join(data, "seed"), filepath.Join(data, "log-seed")
	if len(s.signing) > 0 {
		signing = "the seed that you gave"
	}
	if s.log != nil {
		log = "the seed of the log that you gave"
	}
	return signing + " and " + log
}

// refuseExisting names everything that init would have to overwrite.
func refuseExisting(data, public string) error {
	var found []string
	for _, name := range []string{"certd.db", "seed", "log-seed", "certd.yaml"} {
		path := filepath.Join(data, name)
		if _, err := os.Lstat(path); err == nil {
			found = append(found, path)
		}
	}
	entries, err := os.ReadDir(public)
	switch {
	case err == nil && len(entries) > 0:
		found = append(found, public+" (not empty)")
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("init makes a new issuer and overwrites nothing, but there is already: %s", strings.Join(found, ", "))
}
