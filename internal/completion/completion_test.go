package completion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"laurel/internal/completion"
)

// A program that stands for ours: help names its verbs, and --help their flags.
const program = `#!/bin/sh
case "$1 $2 $3" in
"help  ") printf 'Text.\n\n  other serve  [--public DIR]\n  other token  create --name NAME\n  other token  list\n  other host-config nginx|caddy\n' ;;
"serve --help ") printf 'usage\n\n  -public folder\n    \tthe tree\n  --font-dir value\n' ;;
"token create --help") printf '  -name name\n' ;;
esac
`

func TestBashCompletesVerbsSubverbsAndFlagsByTheProgramsOwnHelp(t *testing.T) {
	dir := t.TempDir()
	script, err := completion.Script("bash", "other")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"other": program, "script": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"other ":                "help host-config serve token token",
		"other se":              "serve",
		"other token ":          "create list",
		"other token create --": "--name",
		"other serve --f":       "--font-dir",
		"other serve ":          "",
		"other host-config ":    "",
	} {
		words := strings.Split(line, " ")
		cmd := exec.Command("bash", "-c", `source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _other; printf '%s ' "${COMPREPLY[@]}"`, "bash")
		cmd.Args = append(cmd.Args, words...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		got := strings.Fields(string(out))
		slices.Sort(got)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q completes to %q, want %q; %v", line, got, want, err)
		}
	}
}

func TestEveryShellHasAScriptAndAnotherIsNamed(t *testing.T) {
	for _, shell := range completion.Shells() {
		if script, err := completion.Script(shell, "other"); err != nil || strings.Contains(script, "certd") || !strings.Contains(script, "other") {
			t.Errorf("%s: %v\n%s", shell, err, script)
		}
	}
	if _, err := completion.Script("tcsh", "other"); err == nil || !strings.Contains(err.Error(), "bash, zsh, fish") {
		t.Errorf("tcsh: %v", err)
	}
}
