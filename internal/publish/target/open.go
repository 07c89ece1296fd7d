// Package target opens the places that a tree can be mirrored to: a folder, or a bucket of an S3-compatible store.
package target

import (
	"strings"

	"laurel/internal/publish"
)

// Open returns the backend that to names: a folder, or s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME&style=path|host].
// Nothing is asked of it yet.
func Open(to string) (publish.Backend, error) {
	if strings.HasPrefix(to, "s3://") {
		return openS3(to)
	}
	return openFolder(to)
}
