package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrAddress says that an endpoint's name leads to an address that may not be called.
var ErrAddress = errors.New("this address is not called")

// policy says which addresses may be called: public ones over TLS, and networks that the operator allows. Without it,
// whoever may name an endpoint could have this machine speak to its own network.
type policy struct{ allow []netip.Prefix }

// special lists the addresses that are not of one machine in the public internet, besides those that netip knows
// (RFC 6890 and its registries), and the ways of writing IPv4 addresses as IPv6, behind which any of them can hide.
func special() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// permits decides of one address.
func (p policy) permits(a netip.Addr, scheme string) error {
	a = a.Unmap().WithZone("")
	for _, network := range p.allow {
		if network.Contains(a) {
			return nil
		}
	}
	if scheme != "https" {
		return fmt.Errorf("%w: %s, without TLS; allow it with the setting webhooks.allow", ErrAddress, a)
	}
	public := a.IsGlobalUnicast() && !a.IsPrivate()
	for _, network := range special() {
		public = public && !network.Contains(a)
	}
	if !public {
		return fmt.Errorf("%w: %s is not public; allow it with the setting webhooks.allow", ErrAddress, a)
	}
	return nil
}

// dialer returns a dialer that looks at the address which is about to be called: one that was looked up before can be
// another by now (DNS rebinding).
func (p policy) dialer(scheme string, patience time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout: patience, FallbackDelay: -1,
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: %s", ErrAddress, address)
			}
			return p.permits(at.Addr(), scheme)
		},
	}
}
