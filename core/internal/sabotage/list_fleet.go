package main

// ofFleet is what the instances of a game share on Redis, and how they take turns.
func ofFleet() []sabotage {
	return append(in("core/fleet", "./core/fleet",
		[4]string{"a second claim takes a purchase", "owners.go", "if not account then\n", "if true then\n"},
		[4]string{"a bound ownership is not kept as that", "owners.go", "redis.call('HSET', KEYS[1], 'bound', '1')", "redis.call('HSET', KEYS[1], 'bound', '0')"},
		[4]string{"a claim that may be under way is tidied away", "owners.go", "Add(-claimTakes)", "Add(claimTakes)"},
		[4]string{"a list of what an account had is believed", "owners.go", "if have.Account != account {", "if have.Account == \"\" {"},
		[4]string{"a redemption is not listed", "ledger.go", "\tif !next.Finished() {\n", "\tif next.Finished() {\n"},
		[4]string{"a redemption is listed after it is written", "ledger.go", "if err := index.add(ctx, member, float64(next.Version)); err != nil {", "defer index.add(ctx, member, float64(next.Version))\n\t\tif err := ctx.Err(); err != nil {"},
		[4]string{"an older version wins", "ledger.go", "~= ARGV[1] then\n", "== '' then\n"},
		[4]string{"a list drops what is needed again", "index.go", "tonumber(score) <= tonumber(ARGV[i + 1])", "tonumber(ARGV[i + 1])"},
		[4]string{"an unfit server keeps a ledger", "ledger.go", "\tcase errors.Is(err, ErrUnfit):\n\t\treturn nil, err\n", ""},
		[4]string{"a ledger is not asked again whether it is fit", "check.go", "\t\tf.health.until = time.Time{}\n", ""},
		[4]string{"eviction is no fault", "check.go", `"allkeys-"`, `"some-"`},
		[4]string{"one node of a cluster stands for all", "check.go", "return cluster.ForEachMaster(ctx,", "return cluster.ForEachShard(ctx, func(ctx context.Context, c *redis.Client) error { return ctx.Err() })\n\t\t\treturn cluster.ForEachMaster(ctx,"},
		[4]string{"an entry is written over one that came between", "outbox.go", "~= had then return 0 end", "~= had then had = had end"},
		[4]string{"an entry stays where it was listed", "outbox.go", "\tfor i = 2, 4 do redis.call('ZREM', KEYS[i], place) end\n", ""},
		[4]string{"a pause is over at once", "outbox.go", "wait = strconv.FormatInt(microsUp(e.NotBefore), 10)", `wait = strconv.FormatInt(0, 10)`},
		[4]string{"two take the same entry", "outbox_lists.go", "redis.call('ZREM', KEYS[4], place)\n\tredis.call('ZADD'", "redis.call('ZADD'"},
		[4]string{"a hold is never over", "outbox_lists.go", `if err := o.paged(ctx, "waking the outbox"`, `if err := ctx.Err(); err == nil {
		err = nil
	} else if err := o.paged(ctx, "waking the outbox"`},
		[4]string{"checkpoints come first", "voids.go", "if last = len(names) == 0; last {", "if last = len(names) == 0; true {"},
		[4]string{"a void is written over one that came between", "voids.go", "~= ARGV[i + 1] then return 0 end", "~= ARGV[i + 1] then last = last end"},
		[4]string{"a turn is anybody's", "turns.go", "if holder and holder ~= ARGV[1] then return 0 end\n", ""},
		[4]string{"a turn is returned by whom it is not", "turns.go", "if redis.call('GET', KEYS[1]) == ARGV[1] then", "if redis.call('GET', KEYS[1]) then"},
		[4]string{"a call waits for ever", "fleet.go", "context.WithTimeout(ctx, f.config.Timeout)", "context.WithTimeout(ctx, 60*f.config.Timeout)"},
		[4]string{"a key tells its token", "key.go", "sum := sha256.Sum256([]byte(joinKey(parts...)))", "sum := append([]byte(joinKey(parts...)), sha256.New().Sum(nil)...)"},
	), append(in("core/redisclient", "./core/redisclient",
		[4]string{"a URL is quoted", "options.go", "\tif err != nil || u.Host == \"\" {\n\t\treturn nil, errURL\n", "\tif err != nil || u.Host == \"\" {\n\t\treturn nil, errors.Join(errURL, err)\n"},
		[4]string{"a server's answer is quoted", "plain.go", "the client fails with a %T", "the client fails with a %v"},
	), in("core/reconcile", "./core/reconcile",
		[4]string{"whoever cannot find out does nothing", "turns.go", "\tif err == nil && !mine {\n", "\tif !mine {\n"},
		[4]string{"a turn is kept by whom it does not succeed", "turns.go", "done = err == nil", "done = true"},
		[4]string{"nobody catches up by itself", "turns.go", "if w.config.Turns == nil || !j.shared || !j.begun {", "if w.config.Turns == nil || !j.shared {"},
		[4]string{"turns are not taken", "turns.go", "if w.config.Turns == nil || !j.shared || !j.begun {", "if true {"},
	)...)...)
}
