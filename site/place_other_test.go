//go:build !linux

package site

import "errors"

const small = "LAUREL_TEST_SMALL_DISK"

func onASmallDisk(string) error { return errors.ErrUnsupported }
