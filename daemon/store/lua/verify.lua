-- verify: KEYS o r [k]; ARGV now generation tenant mac limits args memory
-- {0} approved | {1, left} wrong | {2, ms} locked | {3, gone, ms} | {4} conflict
local now = tonumber(ARGV[1])
local got = redis.call('MGET', unpack(KEYS))
local rec, known = got[1], got[3]
if known then
	if sub(known, 1, 15) ~= ARGV[6] then
		return { 4 }
	end
	return { byte(known, 16), byte(known, 17) }
end
local l = limits_of(ARGV[5])
local now_s = math.floor(now / 1000)
local why = gone(rec, ARGV[2], ARGV[3], now)
if why ~= LIVE then
	local wait = 0
	if why == EXHAUSTED then
		local sends, fails = counters(got[2], now_s, l.sends_win, l.fails_win)
		wait = send_wait(l, sends, fails, now)
	end
	return { 3, why, wait }
end
local sends, fails = counters(got[2], now_s, l.sends_win, l.fails_win)
local lock = math.max(wait_of(fails, u8(rec, FAILS_SHORT), l.fsw, now), wait_of(fails, u8(rec, FAILS_LONG), l.flw, now))
if lock > 0 then
	return { 2, lock }
end
local verdict, left = 0, 0
if sub(rec, MAC + 1, MAC + 32) == ARGV[4] then
	rec = put(put(rec, STATE, char(1)), ENDED, pack('<I8', now))
	if #fails > 0 then
		redis.call('SET', KEYS[2], counters_pack(sends, {}), 'KEEPTTL')
	end
else
	local wrong = u8(rec, WRONG) + 1
	verdict, left = 1, math.max(u8(rec, GUESSES) - wrong, 0)
	rec = put(rec, WRONG, char(wrong))
	if left == 0 then
		rec = put(put(rec, STATE, char(3)), ENDED, pack('<I8', now))
	end
	fails[#fails + 1] = now_s
	redis.call('SET', KEYS[2], counters_pack(sends, fails), 'PX', counters_px(l))
end
redis.call('SET', KEYS[1], rec, 'KEEPTTL')
if KEYS[3] then
	redis.call('SET', KEYS[3], ARGV[6] .. char(verdict, left), 'PX', ARGV[7])
end
return { verdict, left }
