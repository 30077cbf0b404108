-- cancel: KEYS o j; ARGV now generation tenant tuple -> gone (LIVE: it was live until now)
-- uses: layout gone
local now = tonumber(ARGV[1])
local rec = call('GET', KEYS[1])
local why = gone(rec, ARGV[2], ARGV[3], now)
if why == LIVE then
	finish(KEYS[1], rec, 4, byte(rec, WRONG + 1), now)
	call('ZREM', KEYS[2], ARGV[4])
end
return why
