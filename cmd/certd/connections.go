package main

import "syscall"

// connections is how many callers may be connected at a time. It leaves files for records and pages: where callers could
// take them all, nothing that they ask for could be written.
func (s settings) connections() int {
	if s.MaxConnections > 0 {
		return int(min(s.MaxConnections, 1<<20))
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return 768
	}
	return int(min(files.Cur, 1<<20) / 4 * 3)
}
