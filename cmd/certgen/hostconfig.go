package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"laurel/site"
)

const hostConfigAbout = `certgen host-config nginx|caddy|cloudfront prints a configuration that serves a public tree with the types, cache lives
and headers that it wants. It is an example to start from: certificates for TLS and access logs are yours to add.
`

func hostConfig(_ context.Context, args []string, stdout, _ io.Writer) error {
	var h hostOf
	f := newFlags("host-config", hostConfigAbout)
	f.StringVar(&h.public, "public", "/srv/certificates", "the public tree on the host, `DIR`")
	f.StringVar(&h.base, "base-url", "https://certs.example.org", "the `URL` that the tree is served at")
	f.StringVar(&h.listen, "listen", "", "nginx: `ADDRESS` to listen on, without TLS (80)")
	f.StringVar(&h.precompress, "precompress", "", "a `LIST` of "+strings.Join(site.AllEncodings(), ", ")+": files that lie compressed beside themselves are handed out, which nginx needs a module for (default: as site.json in --public says)")
	kinds, done, err := f.parse(args, stdout)
	if done || err != nil {
		return err
	}
	writers := map[string]func(hostOf, io.Writer) error{"nginx": hostOf.nginx, "caddy": hostOf.caddy, "cloudfront": hostOf.cloudfront}
	if len(kinds) != 1 || writers[kinds[0]] == nil {
		return &usageError{"host-config: give one of nginx, caddy, cloudfront"}
	}
	u, err := url.Parse(h.base)
	if err != nil || u.Hostname() == "" {
		return &usageError{fmt.Sprintf("host-config: --base-url %s is no address", h.base)}
	}
	h.name = u.Hostname()
	if h.public, err = filepath.Abs(h.public); err != nil {
		return err
	}
	if strings.ContainsAny(h.public, "\"'\\{};$\n") {
		return &usageError{fmt.Sprintf("host-config: --public %q; choose a path without quotes, braces and dollars", h.public)}
	}
	if err := h.readEncodings(); err != nil {
		return err
	}
	return writers[kinds[0]](h, stdout)
}

// hostOf is a host to be.
type hostOf struct {
	public, base, listen, name string
	precompress                string
	encodings                  site.Encodings
}

// readEncodings finds out what lies compressed: what was said, else what the tree says, where it is on this machine.
func (h *hostOf) readEncodings() (err error) {
	if h.precompress == "" {
		if _, settings, err := site.TreeTrust(h.public); err == nil {
			h.encodings = settings.Precompress
		}
		return nil
	}
	if h.encodings, err = site.ChooseEncodings(strings.Split(h.precompress, ",")); err != nil {
		return &usageError{fmt.Sprintf("host-config: --precompress %s: %v", h.precompress, err)}
	}
	return nil
}

// expression is the pattern of a class as a regular expression over the paths of a host.
func expression(c site.Class) string {
	var b strings.Builder
	b.WriteString("^/")
	for i, part := range strings.Split(strings.TrimPrefix(c.URL(), "/"), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		switch {
		case part == "*":
			b.WriteString(".+")
		case strings.HasPrefix(part, ":"):
			end := ""
			if dot := strings.IndexByte(part, '.'); dot > 0 {
				end = part[dot:]
			}
			b.WriteString("[^/.][^/]*" + regexp.QuoteMeta(end))
		default:
			b.WriteString(regexp.QuoteMeta(part))
		}
	}
	return b.String() + "$"
}

// served are the classes that visitors ask for.
func served() []site.Class {
	var out []site.Class
	for _, c := range site.Classes() {
		if c.Pattern != site.HeadersPath {
			out = append(out, c)
		}
	}
	return out
}

func (h hostOf) nginx(w io.Writer) error {
	listen := h.listen
	if listen == "" {
		listen = "80"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# A certificate site on nginx: include it inside http {}.\nserver {\n    listen %s;\n    server_name %s;\n    root \"%s\";\n", listen, h.name, h.public)
	b.WriteString("    index index.html;\n    autoindex off;\n    server_tokens off;\n    etag on;\n    default_type application/octet-stream;\n    error_page 404 /404.html;\n")
	b.WriteString("\n    # Only what the tree publishes is served; anything else is not found.\n    location / { return 404; }\n")
	for _, c := range served() {
		place := fmt.Sprintf("~ \"%s\"", expression(c))
		if !strings.ContainsAny(c.Pattern, ":*") {
			place = "= " + c.URL()
		}
		fmt.Fprintf(&b, "\n    # %s\n    location %s {\n", c.Name, place)
		typ, charset, _ := strings.Cut(c.ContentType, "; charset=")
		fmt.Fprintf(&b, "        types { }\n        default_type %s;\n", typ)
		if charset != "" {
			fmt.Fprintf(&b, "        charset %s;\n", charset)
			if typ != "text/html" { // which nginx counts in by itself
				fmt.Fprintf(&b, "        charset_types %s;\n", typ)
			}
		}
		fmt.Fprintf(&b, "        add_header Cache-Control \"%s\" always;\n", c.Cache)
		if c.Open {
			b.WriteString("        add_header Access-Control-Allow-Origin \"*\" always;\n")
		}
		for _, e := range site.Everywhere() {
			fmt.Fprintf(&b, "        add_header %s \"%s\" always;\n", e[0], e[1])
		}
		if c.Compressible() && h.encodings.Has(site.Gzip) {
			b.WriteString("        gzip_static on; # ngx_http_gzip_static_module\n        gzip_vary on;\n")
		}
		if c.Compressible() && h.encodings.Has(site.Brotli) {
			b.WriteString("        brotli_static on; # ngx_brotli, which is a package of its own\n")
		}
		if file := c.Pattern; strings.HasSuffix(file, "index.html") {
			b.WriteString("        try_files ${uri}index.html =404;\n")
		}
		b.WriteString("    }\n")
	}
	b.WriteString("\n    # A page's address ends with a slash.\n    location ~ \"^/(c|a)/[^/.][^/]*$\" { return 301 $uri/; }\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (h hostOf) caddy(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# A certificate site on Caddy, which gets its TLS certificate itself.\n%s {\n\troot * \"%s\"\n\tencode zstd gzip\n", h.base, h.public)
	b.WriteString("\theader {\n")
	for _, e := range site.Everywhere() {
		fmt.Fprintf(&b, "\t\t%s \"%s\"\n", e[0], e[1])
	}
	b.WriteString("\t}\n")
	var names []string
	for i, c := range served() {
		name := fmt.Sprintf("@class%d", i)
		names = append(names, expression(c))
		fmt.Fprintf(&b, "\n\t# %s\n\t%s path_regexp `%s`\n\theader %s {\n\t\tCache-Control \"%s\"\n\t\tContent-Type \"%s\"\n", c.Name, name, expression(c), name, c.Cache, c.ContentType)
		if c.Open {
			b.WriteString("\t\tAccess-Control-Allow-Origin \"*\"\n")
		}
		b.WriteString("\t}\n")
	}
	names = append(names, `^/(c|a)/[^/.][^/]*$`) // a page's address without its slash is sent on
	fmt.Fprintf(&b, "\n\t# Only what the tree publishes is served; anything else is not found.\n\t@public path_regexp `%s`\n\thandle @public {\n\t\tfile_server%s\n\t}\n\thandle {\n\t\terror 404\n\t}\n", strings.Join(names, "|"), h.precompressed())
	b.WriteString("\thandle_errors {\n\t\trewrite * /404.html\n\t\tfile_server\n\t}\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// precompressed is the block of Caddy's file server.
func (h hostOf) precompressed() string {
	var names []string
	for _, e := range h.encodings.Names() {
		names = append([]string{map[string]string{site.Gzip: "gzip", site.Brotli: "br"}[e]}, names...)
	}
	if names == nil {
		return ""
	}
	return " {\n\t\t\tprecompressed " + strings.Join(names, " ") + "\n\t\t}"
}

// cloudfront prints a function and a template. Types and cache lives travel with the objects, as certgen publish sets
// them; what the store cannot say, this does.
func (h hostOf) cloudfront(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# A certificate site on CloudFront before a bucket filled by certgen publish, as a CloudFormation template.\n")
	b.WriteString("# Content types and cache lives are those of the objects. The policies of this template say the rest.\n")
	b.WriteString("Parameters:\n  Bucket: {Type: String, Description: the bucket's name}\n  TLSCertificate: {Type: String, Description: ARN in us-east-1 of the certificate of the site's name}\n")
	b.WriteString("Resources:\n  Folders:\n    Type: AWS::CloudFront::Function\n    Properties:\n      Name: laurel-folders\n      AutoPublish: true\n      FunctionConfig: {Comment: a folder is its index.html, Runtime: cloudfront-js-2.0}\n      FunctionCode: |\n        function handler(event) {\n          var r = event.request;\n          if (r.uri.endsWith('/')) { r.uri += 'index.html'; return r; }\n          if (/^\\/(c|a)\\/[^\\/.][^\\/]*$/.test(r.uri)) {\n            return {statusCode: 301, statusDescription: 'Moved Permanently', headers: {location: {value: r.uri + '/'}}};\n          }\n          return r;\n        }\n")
	for _, p := range []struct {
		name string
		open bool
	}{{"Pages", false}, {"Open", true}} {
		fmt.Fprintf(&b, "  %sHeaders:\n    Type: AWS::CloudFront::ResponseHeadersPolicy\n    Properties:\n      ResponseHeadersPolicyConfig:\n        Name: laurel-%s\n", p.name, strings.ToLower(p.name))
		if p.open {
			b.WriteString("        CorsConfig: {AccessControlAllowCredentials: false, AccessControlAllowHeaders: {Items: ['*']}, AccessControlAllowMethods: {Items: [GET, HEAD]}, AccessControlAllowOrigins: {Items: ['*']}, OriginOverride: true}\n")
		}
		b.WriteString("        CustomHeadersConfig:\n          Items:\n")
		for _, e := range site.Everywhere() {
			if e[0] != "X-Content-Type-Options" { // CloudFront takes these from SecurityHeadersConfig alone
				fmt.Fprintf(&b, "            - {Header: %s, Override: true, Value: \"%s\"}\n", e[0], e[1])
			}
		}
		b.WriteString("        SecurityHeadersConfig: {ContentTypeOptions: {Override: true}}\n")
	}
	fmt.Fprintf(&b, "  Access:\n    Type: AWS::CloudFront::OriginAccessControl\n    Properties: {OriginAccessControlConfig: {Name: laurel, OriginAccessControlOriginType: s3, SigningBehavior: always, SigningProtocol: sigv4}}\n  Site:\n    Type: AWS::CloudFront::Distribution\n    Properties:\n      DistributionConfig:\n        Enabled: true\n        Aliases: [%s]\n        ViewerCertificate: {AcmCertificateArn: !Ref TLSCertificate, SslSupportMethod: sni-only, MinimumProtocolVersion: TLSv1.2_2021}\n        CustomErrorResponses:\n          - {ErrorCode: 403, ResponseCode: 404, ResponsePagePath: /404.html, ErrorCachingMinTTL: 10}\n          - {ErrorCode: 404, ResponseCode: 404, ResponsePagePath: /404.html, ErrorCachingMinTTL: 10}\n        Origins:\n          - {Id: bucket, DomainName: !Sub \"${Bucket}.s3.amazonaws.com\", OriginAccessControlId: !GetAtt Access.Id, S3OriginConfig: {OriginAccessIdentity: ''}}\n", h.name)
	b.WriteString("        CacheBehaviors:\n")
	for _, c := range served() {
		if c.Open {
			fmt.Fprintf(&b, "          - PathPattern: \"%s\"\n", cloudfrontPattern(c))
			cloudfrontBehaviour(&b, "            ", "Open")
		}
	}
	b.WriteString("        DefaultCacheBehavior:\n")
	cloudfrontBehaviour(&b, "          ", "Pages")
	_, err := io.WriteString(w, b.String())
	return err
}

func cloudfrontBehaviour(b *strings.Builder, indent, policy string) {
	for _, line := range []string{
		"TargetOriginId: bucket",
		"ViewerProtocolPolicy: redirect-to-https",
		"Compress: true",
		"CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6 # Managed-CachingOptimized, which follows Cache-Control",
		"ResponseHeadersPolicyId: !Ref " + policy + "Headers",
		"FunctionAssociations: [{EventType: viewer-request, FunctionARN: !GetAtt Folders.FunctionMetadata.FunctionARN}]",
	} {
		b.WriteString(indent + line + "\n")
	}
}

// cloudfrontPattern is the pattern of a class with * for whatever varies.
func cloudfrontPattern(c site.Class) string {
	parts := strings.Split(c.URL(), "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") {
			_, end, ok := strings.Cut(part, ".")
			if parts[i] = "*"; ok {
				parts[i] += "." + end
			}
		}
	}
	return strings.Join(parts, "/")
}
