//go:build !linux

// Package disktest gives a test a disk of its own on Linux.
package disktest
