package issuer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// usedInterval is how often the last uses of tokens are written down.
const usedInterval = time.Minute

// tokenCache keeps the tokens by their digest, because every request asks.
type tokenCache struct {
	mu     sync.RWMutex
	byHash map[[32]byte]cachedToken
}

type cachedToken struct {
	Token
	used *atomic.Int64 // Unix seconds of the last use since the program began; 0: none. Shared by all loads.
}

func (c *tokenCache) load(ctx context.Context, s store) error {
	all, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	byHash := make(map[[32]byte]cachedToken, len(all))
	for _, t := range all {
		used := new(atomic.Int64)
		if old, ok := c.byHash[t.Hash]; ok {
			used = old.used
		}
		byHash[t.Hash] = cachedToken{t, used}
	}
	c.byHash = byHash
	return nil
}

// uses returns which tokens were used later than the records know by a whole interval; with all, by any time.
func (c *tokenCache) uses(all bool) map[string]time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	used := map[string]time.Time{}
	for _, t := range c.byHash {
		seconds := t.used.Load()
		if seconds == 0 {
			continue
		}
		at := time.Unix(seconds, 0).UTC()
		if behind := at.Sub(t.LastUsed); behind >= usedInterval || all && behind > 0 {
			used[t.ID] = at
		}
	}
	return used
}

// FindToken returns the token with this digest of its secret, and takes note that one in force was used.
func (i *Issuer) FindToken(_ context.Context, hash [32]byte) (Token, bool, error) {
	i.cached.mu.RLock()
	defer i.cached.mu.RUnlock()
	t, ok := i.cached.byHash[hash]
	if now := i.cfg.Now(); ok && t.InForce(now) {
		t.used.Store(now.Unix())
	}
	return t.Token, ok, nil
}

// noteUses writes down when tokens were last used, until ctx ends. It is no reason to fail: nothing hangs on it.
func (i *Issuer) noteUses(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, usedInterval)
		used := i.cached.uses(ctx.Err() != nil)
		if len(used) == 0 {
			continue
		}
		ctx := context.WithoutCancel(ctx)
		err := i.store.UsedTokens(ctx, used)
		if err == nil {
			err = i.cached.load(ctx, i.store)
		}
		if err != nil {
			i.cfg.Log.Warn("the last uses of tokens were not noted", "error", err)
		}
	}
}

// CreateToken adds a token. Its name must not belong to another that is in force.
func (i *Issuer) CreateToken(ctx context.Context, t Token) error {
	if err := i.store.PutToken(ctx, t); err != nil {
		return err
	}
	return i.cached.load(ctx, i.store)
}

// RotateToken puts a token beside those in force of its name, with the same rights, and lets these end at a time: all
// count until then. change gives the new one what is its own. ErrNotFound.
func (i *Issuer) RotateToken(ctx context.Context, name string, until time.Time, change func(*Token)) error {
	if _, err := i.store.RotateToken(ctx, name, i.cfg.Now(), until, change); err != nil {
		return err
	}
	return i.cached.load(ctx, i.store)
}

// Tokens lists the tokens, oldest first.
func (i *Issuer) Tokens(ctx context.Context) ([]Token, error) { return i.store.Tokens(ctx) }

// RevokeToken ends a token, given by its id or its name, at once. ErrNotFound.
func (i *Issuer) RevokeToken(ctx context.Context, which string) error {
	if err := i.store.RevokeToken(ctx, which, i.cfg.Now()); err != nil {
		return err
	}
	return i.cached.load(ctx, i.store)
}
