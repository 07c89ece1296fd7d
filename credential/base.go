package credential

import (
	"errors"
	"strconv"
	"strings"
)

// baseHost returns HOST[:PORT] of a base address; the error ends the sentence "the base address … ".
func baseHost(base string) (string, error) {
	scheme, host, ok := strings.Cut(base, "://")
	name, port, hasPort := strings.Cut(host, ":")
	switch {
	case !ok || (scheme != "https" && scheme != "http"):
		return "", errors.New("must start with https://")
	case scheme == "http" && name != "localhost":
		return "", errors.New("must start with https://; http is for localhost alone")
	case strings.HasPrefix(host, "["):
		return "", errors.New("must have a host name: did:web forbids IP addresses")
	case strings.ContainsAny(host, "/?#@"):
		return "", errors.New("must end after the host and the port: no path, no slash at the end")
	case hasPort && !isPort(port):
		return "", errors.New("has a port that is no number from 1 to 65535")
	}
	return host, checkHostName(name)
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// checkHostName refuses what is no DNS name in lower-case ASCII (RFC 1123 §2.1).
func checkHostName(name string) error {
	if name == "" || len(name) > 253 {
		return errors.New("must have a host name of at most 253 characters")
	}
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '.' {
			if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return errors.New("must have a host name of a to z, 0 to 9 and hyphens; write other letters in Punycode (xn--…)")
			}
			continue
		}
		if label := name[start:i]; label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("has a host name with an empty, too long or hyphen-edged part")
		}
		start = i + 1
	}
	// A name whose last part is a number is read as an IPv4 address by browsers.
	last := name[strings.LastIndexByte(name, '.')+1:]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return errors.New("must have a host name: did:web forbids IP addresses")
	}
	return nil
}
