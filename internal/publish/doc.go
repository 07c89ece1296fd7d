// Package publish mirrors a tree of files to a target, a folder or an object store, so that the target is at every
// moment a consistent tree: what a file refers to is there before the file, and is taken away after it.
//
// It knows no domain. A [Tree] says which files are public, how they are served and in which stage of the order each
// travels. What a target holds is remembered beside the tree, so that nothing has to be listed: a run compares the
// files' sizes and times with that state, uploads what differs, and after a crash goes on where it was.
package publish
