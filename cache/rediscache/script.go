package rediscache

import "github.com/redis/go-redis/v9"

// A token's hash has its version under "v", answers under "a" and leases under "l", each with kind and
// product. An answer begins with when it was read and until when it is fresh and usable, a lease with when it
// ends: microseconds of the server's own clock, the one clock that all instances have in common.
//
// A version is random, and there is none while nothing is kept. So whoever read one before its token was
// forgotten, or evicted, finds another one or none for ever after, and no record of a forgotten token has
// to be kept. One instance's look-up never takes as long as versionKept.

// getScript returns version, answer, whether another has the lease, and the time. Nothing is written where
// the answer is fresh. A client may send it twice, because the first answer got lost: the lease is the
// caller's then, too.
var getScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local had = redis.call('HMGET', KEYS[1], 'v', ARGV[1], ARGV[2])
local version, answer, lease = had[1], had[2], had[3]
if version and answer then
	local fresh, usable = string.match(answer, '^%d+ (%d+) (%d+) ')
	if fresh and now < tonumber(fresh) then return {version, answer, 0, now} end
	if usable and now >= tonumber(usable) then answer = false end
end
if version and lease then
	local ends, holder = string.match(lease, '^(%d+) (.*)$')
	if ends and now < tonumber(ends) and holder ~= ARGV[3] then return {version, answer, 1, now} end
end
if not version then
	version = ARGV[3]
	answer = false
	redis.call('HSET', KEYS[1], 'v', version)
end
redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', now + ARGV[4]) .. ' ' .. ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
return {version, answer, 0, now}
`)

// putScript keeps an answer and ends the lease, and returns 1; 0 if it came too late.
var putScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local began = now - ARGV[4]
local had = redis.call('HGET', KEYS[1], ARGV[1])
if had then
	local other = tonumber(string.match(had, '^(%d+) '))
	if other and began < other and other <= now then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %.0f ', began, began + ARGV[5], began + ARGV[6]) .. ARGV[7])
local keep = math.ceil((began + ARGV[6] - now) / 1000)
if redis.call('PTTL', KEYS[1]) < keep then redis.call('PEXPIRE', KEYS[1], keep) end
return 1
`)

// releaseScript ends a lease, if it is the caller's.
var releaseScript = redis.NewScript(`
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if lease and string.match(lease, '^%d+ (.*)$') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
`)
