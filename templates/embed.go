// Package templates holds what people edit: kinds of certificates, the look of pictures and pages, words, fonts.
//
// The defaults are embedded in the program; a folder of the user's own lies over them, file by file, so that a folder
// with one changed layout changes that layout and nothing else. [Open] reads all of it into a [Set], which never
// changes afterwards: whoever renders with a Set gets one consistent state, however often the folder is edited
// meanwhile. An edit makes a new Set; a broken edit makes an error, and the old Set stays in force.
package templates

import "embed"

// embedded are the defaults. all: keeps a folder embeddable while it holds nothing but a dot file.
//
//go:embed all:certificates all:layouts all:pages all:assets all:locales all:fonts
var embedded embed.FS

// folders are the folders of a Set, embedded or the user's.
var folders = []string{"assets", "certificates", "fonts", "layouts", "locales", "pages"}
