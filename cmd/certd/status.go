package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"laurel/credential"
	"laurel/internal/control"
)

// status revokes or suspends a certificate, or ends its suspension, and prints what it counts for then.
func status(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("status", `[--data DIR] NUMBER revoked|suspended|valid --reason "WHY" [--code CODE]

A revocation is final. Reasons that everybody may read:
`+codes())
	reason := fs.String("reason", "", "`why`, in your words; it stays in the record, in no public file")
	code := fs.String("code", "", "the public `reason`, one of the list above (default: unspecified)")
	rest, err := parse(fs, args, "NUMBER", "revoked|suspended|valid")
	if err != nil {
		return err
	}
	switch known := credential.StatusCodes(rest[1]); {
	case known == nil:
		return misused("status: %q is no status to give; there are revoked, suspended and valid", rest[1])
	case *reason == "":
		return misused("status: --reason is missing; say why, for those who will ask")
	case *code != "" && !slices.Contains(given(rest[1]), *code):
		return misused("status: --code %q is no reason for %s; there are %s", *code, rest[1], strings.Join(given(rest[1]), ", "))
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		standing, err := c.SetStatus(ctx, rest[0], control.Status{Status: rest[1], Reason: *reason, Code: *code})
		return printed(env.stdout, standing, err)
	})
}

// given are the public reasons that people may give for a status.
func given(status string) []string {
	return slices.DeleteFunc(credential.StatusCodes(status), func(c string) bool {
		return c == credential.CodeSuperseded || c == credential.CodeErased
	})
}

func codes() string {
	var b strings.Builder
	for _, s := range []string{credential.StatusRevoked, credential.StatusSuspended, credential.StatusValid} {
		fmt.Fprintf(&b, "  %-10s %s\n", s, strings.Join(given(s), ", "))
	}
	return b.String()
}

// printed writes an answer of the daemon as the line that it is.
func printed(w io.Writer, answer json.RawMessage, err error) error {
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", answer)
	}
	return err
}
