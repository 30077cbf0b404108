-- cancel: KEYS o j; ARGV now generation tenant tuple -> {gone, ms}
-- gone: LIVE if it was live and is cancelled now. ms: the time since it was USED, otherwise 0.
local now = tonumber(ARGV[1])
local rec = call('MGET', KEYS[1])[1]
local why, ms = gone(rec, ARGV[2], ARGV[3], now)
if why == STORE_LIVE then
	finish(KEYS[1], rec, LIFECYCLE_CANCELLED, byte(rec, AT_WRONG + 1), now)
	call('ZREM', KEYS[2], ARGV[4])
end
return { why, ms }
