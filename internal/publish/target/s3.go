package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"laurel/internal/publish"
)

// bucket is a bucket of an S3-compatible store, or what lies under a prefix in it.
type bucket struct {
	client *minio.Client
	name   string // of the target
	bucket string
	prefix string // "" or ends with a slash

	unconditional atomic.Bool // the store does not know If-None-Match on uploads
}

// openS3 reads s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME&style=path|host]. Credentials come from AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or MINIO_ROOT_USER and MINIO_ROOT_PASSWORD, or ~/.aws/credentials.
func openS3(to string) (publish.Backend, error) {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("target %s: give s3://BUCKET/PREFIX?endpoint=https://HOST; keys come from the environment, never from the address", redacted(to, u))
	}
	o := minio.Options{Secure: true, MaxRetries: 1, Transport: transport()} // trying again is publish's
	endpoint := "s3.amazonaws.com"
	for key, values := range u.Query() {
		v := values[len(values)-1]
		switch {
		case key == "endpoint":
			if endpoint, o.Secure, err = parseEndpoint(v); err != nil {
				return nil, fmt.Errorf("target %s: %w", to, err)
			}
			if o.Region == "" {
				o.Region = "us-east-1"
			}
		case key == "region":
			o.Region = v
		case key == "style" && v == "path":
			o.BucketLookup = minio.BucketLookupPath
		case key == "style" && v == "host":
			o.BucketLookup = minio.BucketLookupDNS
		default:
			return nil, fmt.Errorf("target %s: unknown %s=%s; known are endpoint, region and style=path|host", to, key, v)
		}
	}
	if region := u.Query().Get("region"); region != "" {
		o.Region = region
	}
	o.Creds = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.EnvMinio{}, &credentials.FileAWSCredentials{}})
	if v, err := o.Creds.GetWithContext(&credentials.CredContext{Client: &http.Client{}}); err != nil || v.AccessKeyID == "" {
		return nil, fmt.Errorf("target %s: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials", to)
	}
	client, err := minio.New(endpoint, &o)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", to, err)
	}
	b := &bucket{client: client, bucket: u.Host, prefix: strings.Trim(u.Path, "/")}
	b.name = "s3://" + b.bucket + "/" + b.prefix
	if endpoint != "s3.amazonaws.com" {
		b.name += "?endpoint=" + client.EndpointURL().String()
	}
	if b.prefix != "" {
		b.prefix += "/"
	}
	return b, nil
}

func redacted(to string, u *url.URL) string {
	if u != nil {
		return u.Redacted()
	}
	return strings.SplitN(to, "@", 2)[0]
}

func parseEndpoint(s string) (host string, secure bool, err error) {
	scheme, host, ok := strings.Cut(s, "://")
	host = strings.TrimSuffix(host, "/")
	if !ok || scheme != "https" && scheme != "http" || host == "" || strings.ContainsAny(host, "/@?") {
		return "", false, fmt.Errorf("endpoint %q; give https://HOST or http://HOST:PORT", s)
	}
	return host, scheme == "https", nil
}

func transport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: 10 * time.Second,
		DisableCompression:    true,
	}
}

func (b *bucket) Name() string { return b.name }

// Chooses is no: a store answers with the object of the very name.
func (b *bucket) Chooses() bool { return false }

// Ready sees that the bucket is there.
func (b *bucket) Ready(ctx context.Context, fresh bool) error {
	if !fresh {
		return nil // the first request will say
	}
	ok, err := b.client.BucketExists(ctx, b.bucket)
	if err != nil {
		return b.explain(err)
	}
	if !ok {
		return fmt.Errorf("%s: no such bucket; make it first, or correct the address", b.name)
	}
	return nil
}

func (b *bucket) Put(ctx context.Context, key string, data []byte, o publish.Options) error {
	conditional := o.Immutable && !b.unconditional.Load()
	opts := minio.PutObjectOptions{ContentType: o.ContentType, CacheControl: o.CacheControl, DisableMultipart: true, SendContentMd5: true, DisableContentSha256: true} // a digest in chunks would leave its encoding on the object
	if conditional {
		opts.SetMatchETagExcept("*")
	}
	_, err := b.client.PutObject(ctx, b.bucket, b.prefix+key, bytes.NewReader(data), int64(len(data)), opts)
	if conditional && minio.ToErrorResponse(err).StatusCode == http.StatusNotImplemented {
		b.unconditional.Store(true)
		return b.Put(ctx, key, data, o)
	}
	return b.explain(err)
}

func (b *bucket) Get(ctx context.Context, key string) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.bucket, b.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.explain(err)
	}
	defer object.Close()
	data, err := io.ReadAll(object)
	if err != nil {
		return nil, b.explain(err)
	}
	return data, nil
}

func (b *bucket) Delete(ctx context.Context, key string) error {
	err := b.explain(b.client.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{}))
	if errors.Is(err, publish.ErrNotFound) {
		return nil
	}
	return err
}

func (b *bucket) List(ctx context.Context) iter.Seq2[publish.Object, error] {
	return func(yield func(publish.Object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range b.client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
			if o.Err != nil {
				yield(publish.Object{}, b.explain(o.Err))
				return
			}
			md5 := strings.ToLower(strings.Trim(o.ETag, `"`))
			if len(md5) != 32 { // of several parts, or encrypted: no digest of the bytes
				md5 = ""
			}
			if !yield(publish.Object{Key: strings.TrimPrefix(o.Key, b.prefix), Size: o.Size, MD5: md5}, nil) {
				return
			}
		}
	}
}

// Sweep has nothing to do: an object is there whole or not at all.
func (b *bucket) Sweep(context.Context, string) error { return nil }

// Sync has nothing to do: a store answers when the object is safe.
func (b *bucket) Sync(context.Context) error { return nil }

// explain turns an error of the store into one that says what to do, and marks those that may pass.
func (b *bucket) explain(err error) error {
	if err == nil {
		return nil
	}
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) || answer.StatusCode == 0 && answer.Code == "" {
		return publish.Temporary(err) // no answer at all
	}
	switch {
	case answer.Code == "NoSuchBucket":
		return fmt.Errorf("%w; make the bucket %s first", err, b.bucket)
	case answer.Code == "NoSuchKey" || answer.StatusCode == http.StatusNotFound:
		return publish.ErrNotFound
	case answer.StatusCode == http.StatusPreconditionFailed:
		return publish.ErrExists
	case answer.Code == "RequestTimeTooSkewed":
		return fmt.Errorf("%w; set this machine's clock", err)
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusRequestTimeout,
		answer.StatusCode == http.StatusConflict, answer.Code == "SlowDown", answer.Code == "RequestTimeout", answer.Code == "IncompleteBody":
		return publish.Temporary(err)
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w; do the keys in the environment or in ~/.aws/credentials belong to this store, and may they read, write and delete in %s?", err, b.name)
	}
	return err
}
