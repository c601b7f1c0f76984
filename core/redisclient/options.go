package redisclient

import (
	"cmp"
	"errors"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options makes a copy of o that is fit. What o sets stays, but for ContextTimeoutEnabled, MaxRetries and
// DisableIdentity.
func Options(o redis.UniversalOptions) *redis.UniversalOptions {
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
	o.DisableIdentity = true
	o.DialerRetries = cmp.Or(o.DialerRetries, 1)
	// Each call has its own, shorter timeout. These are for connections that are made behind it.
	o.DialTimeout = cmp.Or(o.DialTimeout, time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, time.Second)
	if o.MaintNotificationsConfig == nil {
		o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	}
	return &o
}

// errURL quotes nothing: a URL may hold a password.
var errURL = errors.New("redisclient: the URL cannot be read; want redis://user:password@host:port/database, or rediss:// for TLS")

// ParseURL reads a URL as redis.ParseURL does, into options that are fit. Each addr=host:port in its query is
// one more node of a cluster; with master_name=name the addresses are Sentinels. The error does not quote
// the URL.
func ParseURL(address string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errURL
	}
	query := u.Query()
	nodes, master := query["addr"], query.Get("master_name")
	query.Del("addr")
	query.Del("master_name")
	u.RawQuery = query.Encode()
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, errURL
	}
	return Options(redis.UniversalOptions{
		Addrs: append([]string{o.Addr}, nodes...), MasterName: master,
		Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig, Protocol: o.Protocol, ClientName: o.ClientName,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolFIFO: o.PoolFIFO, PoolTimeout: o.PoolTimeout, MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns,
		MaxActiveConns: o.MaxActiveConns, ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime,
	}), nil
}
