// Package interop holds the foreign judges: software that nobody here wrote, asked to read what Laurel
// makes. Other people's verifiers and JSON-LD processors run on Node (judge.mjs, rdfc.mjs), the pages in a
// real Chromium. It is a module of its own, so that the product depends on none of them; it has tests only.
package interop
