// Package site is the generator: it turns the signed documents of a public tree, and templates, into pages and pictures.
//
// Every byte it writes is a function of those documents and templates. It knows no database and no clock, so whoever has
// a copy of the tree and the templates builds the same bytes. A [Builder] holds a tree, writes what is stale and nothing
// else, and remembers in a disposable manifest beside the tree what each output was made from; [Check] says whether a
// tree is what a clean build would make of its documents.
package site
