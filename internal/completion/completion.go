// Package completion writes scripts with which shells complete the command lines of a program whose help names its
// verbs, a line each, as "  PROGRAM VERB [SUBVERB] …", and whose verbs print their flags for --help. The scripts ask the
// program itself, so that they stay true.
package completion

import (
	"fmt"
	"strings"
)

// Shells are those that Script knows.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// bash completes verbs, subverbs and flags, and else file names. For zsh it runs in its emulation of bash.
const bash = `# certd completion for bash: source this, or put it into /etc/bash_completion.d.
_certd() {
  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} sub=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$(certd help | sed -n 's/^  certd \([a-z][a-z-]*\).*/\1/p') help" -- "$word"))
    return
  fi
  local subs=$(certd help | sed -n "s/^  certd $verb  *\([a-z][a-z]*\)\( .*\)*\$/\1/p")
  if ((COMP_CWORD == 2)); then
    COMPREPLY=($(compgen -W "$subs" -- "$word"))
  elif [[ -n $subs && $'\n'$subs$'\n' == *$'\n'${COMP_WORDS[2]}$'\n'* ]]; then
    sub=${COMP_WORDS[2]}
  fi
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(certd "$verb" $sub --help 2>/dev/null | sed -n 's/^  --*\([a-z][a-z-]*\).*/--\1/p')" -- "$word"))
  fi
}
complete -o default -F _certd certd
`

const zsh = `# certd completion for zsh: source this after compinit.
autoload -U +X bashcompinit && bashcompinit
`

const fish = `# certd completion for fish: put this into ~/.config/fish/completions/certd.fish.
function __certd_words
    set -l words (commandline -opc)
    set -l subs (certd help | sed -n "s/^  certd $words[2]  *\([a-z][a-z]*\)\( .*\)*\$/\1/p")
    switch (count $words)
        case 0 1
            certd help | sed -n 's/^  certd \([a-z][a-z-]*\).*/\1/p'
            return
        case 2
            printf '%s\n' $subs
    end
    set -l sub
    if test (count $words) -gt 2; and contains -- $words[3] $subs
        set sub $words[3]
    end
    certd $words[2] $sub --help 2>/dev/null | sed -n 's/^  --*\([a-z][a-z-]*\).*/--\1/p'
end
complete -c certd -a '(__certd_words)'
`

// Script returns the script for a shell.
func Script(shell, program string) (string, error) {
	scripts := map[string]string{"bash": bash, "zsh": zsh + bash[strings.Index(bash, "_certd()"):], "fish": fish}
	script, ok := scripts[shell]
	if !ok {
		return "", fmt.Errorf("no completion for the shell %q; there is one for %s", shell, strings.Join(Shells(), ", "))
	}
	return strings.ReplaceAll(script, "certd", program), nil
}
