-- cancel: KEYS o j; ARGV now generation tenant tuple -> gone (LIVE: it was live until now)
local now = tonumber(ARGV[1])
local rec = redis.call('GET', KEYS[1])
local why = gone(rec, ARGV[2], ARGV[3], now)
if why == LIVE then
	redis.call('SET', KEYS[1], put(put(rec, STATE, char(4)), ENDED, pack('<I8', now)), 'KEEPTTL')
	redis.call('ZREM', KEYS[2], ARGV[4])
end
return why
