package main

// ofTier is the shared tier in Redis.
func ofTier() []sabotage {
	return in("cache/rediscache", "./cache/rediscache ./core/internal/sharedtier",
		[4]string{"a value is read whatever its MAC", "value.go", "if !hmac.Equal(mac, c.mac(value)) {", "if !hmac.Equal(mac, mac) {"},
		[4]string{"a value answers every question", "value.go", "case !bytes.Equal(value[:headSize], head):", "case !bytes.Equal(head, head):"},
		[4]string{"a MAC has no key", "names.go", "hmac.New(sha256.New, c.config.MACKey)", "hmac.New(sha256.New, nil)"},
		[4]string{"a key leaves the environment out", "names.go", "append([]string{string(t.Store), t.Token}, originTexts(t.Origin)...)...", "append([]string{string(t.Store), t.Token}, originTexts(core.StoreInfo{})...)..."},
		[4]string{"two products share an answer", "names.go", "string(q.Kind) + q.Product", "string(q.Kind)"},
		[4]string{"a late answer is written back", "script.go", "if redis.call('HGET', KEYS[1], 'v') ~= ARGV[3] then return 0 end", "if redis.call('HGET', KEYS[1], 'v') == 'none' then return 0 end"},
		[4]string{"an earlier read replaces a later", "script.go", "if other and began < other and other <= now then return 0 end", "if other and began < 0 then return 0 end"},
		[4]string{"all ask the store", "script.go", "now < tonumber(ends) and holder", "now < 0 and holder"},
		[4]string{"a lease has no end", "script.go", "now < tonumber(ends) and holder", "now > 0 and holder"},
		[4]string{"who asks twice waits for itself", "script.go", " and holder ~= ARGV[3] then", " then"},
		[4]string{"anybody ends a lease", "script.go", "if lease and string.match(lease, '^%d+ (.*)$') == ARGV[2] then", "if lease then"},
		[4]string{"an answer is as young as it was put", "script.go", "local began = now - ARGV[4]", "local began = now"},
		[4]string{"an answer is given that nobody may use", "script.go", "if usable and now >= tonumber(usable) then answer = false end", ""},
		[4]string{"answers stay for ever", "script.go", "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end", ""},
		[4]string{"nothing is forgotten", "cache.go", "return c.config.Client.Del(ctx, c.keyOf(t)).Result()", "return c.config.Client.Exists(ctx, c.keyOf(t)).Result()"},
		[4]string{"who does not heed a context is waited for", "guard.go", "\tcase <-ctx.Done():\n\t\tvar none T", "\tcase <-context.Background().Done():\n\t\tvar none T"},
		[4]string{"calls are begun while others hang", "guard.go", "} else if now-g.moved.Load() > int64(g.timeout/stalls) {", "} else if false {"},
		[4]string{"a sick Redis is asked again and again", "guard.go", "return n.ConsecutiveFailures >= tripAfter", "return n.ConsecutiveFailures >= 1000*tripAfter"},
		[4]string{"who leaves opens the breaker", "guard.go", "\t\tdone(errNoNews)\n\t\treturn", "\t\tg.failed.Add(1)\n\t\tdone(err)\n\t\treturn"},
	)
}
