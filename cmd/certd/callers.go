package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"

	"laurel/internal/api"
)

// secretVariable holds the secret of HS256; it is read from nowhere else, and never logged.
const secretVariable = "CERTD_JWT_HS256_SECRET"

// apiConfig says who may call the public API, and how often.
func (s settings) apiConfig(log *slog.Logger) (api.Config, error) {
	c := api.Config{Log: log, LogRequests: s.LogRequests, Limits: api.Limits(s.Limits)}
	if l := s.Limits; min(l.Token, l.Person, l.Verify, l.Failures) < 0 {
		return c, errors.New("limits: a number of requests is not negative; 0 is without limit")
	}
	var err error
	if c.Proxies, err = prefixes("trusted_proxies", s.TrustedProxies); err != nil {
		return c, err
	}
	secret, hs256 := os.LookupEnv(secretVariable)
	if !hs256 && s.JWT.JWKS == "" {
		return c, nil
	}
	j := s.JWT
	people := api.PeopleConfig{
		JWKS: j.JWKS, Issuer: j.Issuer, Audience: j.Audience, Algorithms: j.Algorithms, Leeway: j.Leeway, Roles: j.Roles,
		User: j.Claims.User, Name: j.Claims.Name, Role: j.Claims.Role, Organisation: j.Claims.Organisation, Scope: j.Claims.Scope,
	}
	if hs256 {
		people.Secret = []byte(secret)
	}
	c.People, err = api.NewPeople(people)
	return c, err
}

// prefixes reads the networks of a setting.
func prefixes(setting string, texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no address and no network, as 10.0.0.0/8", setting, text)
		}
		all = append(all, p)
	}
	return all, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
