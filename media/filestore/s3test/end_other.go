//go:build !linux

package s3test

import "os/exec"

// endWithUs can do nothing elsewhere: the service ends with the test's cleanup.
func endWithUs(*exec.Cmd) {}
