package main

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"os"
	"os/exec"
	"time"

	"laurel/internal/issuer"
)

// seedPatience is how long a command may take to print a seed.
const seedPatience = time.Minute

// secrets are the seeds that do not lie in the data folder. Their place is the environment, or a command that prints
// them; a flag would show them to everybody who may list the processes.
type secrets struct {
	signing []issuer.Secret
	log     *issuer.Secret
}

// seedSource is where one kind of seed may come from.
type seedSource struct {
	variable string // holds the seed
	asked    string // holds the command, as does the setting of certd.yaml
	setting  string // its name
	command  string // its value
}

// readSecrets takes the seeds from the environment, which then holds them no more: no child process gets them.
func readSecrets(ctx context.Context, s settings) (secrets, error) {
	var out secrets
	signing, err := seedSource{"CERTD_SEED", "CERTD_SEED_COMMAND", "seed_command", s.SeedCommand}.read(ctx)
	if err != nil {
		return out, err
	}
	out.signing = signing
	log, err := seedSource{"CERTD_LOG_SEED", "CERTD_LOG_SEED_COMMAND", "log_seed_command", s.LogSeedCommand}.read(ctx)
	if err != nil {
		return out, err
	}
	switch len(log) {
	case 0:
	case 1:
		out.log = &log[0]
	default:
		return out, fmt.Errorf("the log has one seed, and %d were given", len(log))
	}
	return out, nil
}

func (s seedSource) read(ctx context.Context) ([]issuer.Secret, error) {
	if text, ok := os.LookupEnv(s.variable); ok {
		if err := os.Unsetenv(s.variable); err != nil {
			return nil, err
		}
		return issuer.ParseSeeds([]byte(text), s.variable)
	}
	command := first(os.Getenv(s.asked), s.command)
	if command == "" {
		return nil, nil
	}
	return printedSeeds(ctx, command, s.setting)
}

// printedSeeds runs the command of a setting and reads what it prints. Neither the command nor what it says on standard
// error is passed on: either might hold what nobody should read.
func printedSeeds(ctx context.Context, command, setting string) ([]issuer.Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, seedPatience)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stdout, cmd.WaitDelay = &out, time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no end within %v", seedPatience)
		}
		return nil, fmt.Errorf("the command of %s: %w; run it by hand to see why", setting, err)
	}
	return issuer.ParseSeeds(out.Bytes(), "what the command of "+setting+" prints")
}

func (s secrets) signers() []crypto.Signer {
	var out []crypto.Signer
	for _, one := range s.signing {
		out = append(out, one)
	}
	return out
}
