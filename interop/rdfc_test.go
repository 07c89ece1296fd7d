// Package interop holds the foreign judges: software that nobody here wrote, asked to read what Laurel makes.
package interop

import (
	_ "github.com/piprate/json-gold/ld"
)
