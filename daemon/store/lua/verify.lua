-- verify: KEYS o r [k]; ARGV now generation tenant mac limits args memory
-- {0, 0} approved | {1, left} wrong | {2, ms} locked | {3, gone, ms} | {4} conflict
-- uses: layout gone counters
local now, once = tonumber(ARGV[1]), KEYS[3]
local got = once and call('MGET', KEYS[1], KEYS[2], once) or call('MGET', KEYS[1], KEYS[2])
local rec, known = got[1], got[3]
if known then
	if sub(known, 1, 15) ~= ARGV[6] then
		return { 4 }
	end
	return { byte(known, 16), byte(known, 17) }
end
local ss, ssw, sl, slw, fs, fsw, fl, flw = unpack_at('<I4I4I4I4I4I4I4I4', ARGV[5])
local now_s = math.floor(now / 1000)
local sends, fails = counters(got[2], now_s, math.max(ssw, slw), math.max(fsw, flw))
local why = gone(rec, ARGV[2], ARGV[3], now)
if why ~= LIVE then
	return { 3, why, why == EXHAUSTED and math.max(wait_of(sends, ss, ssw, now), wait_of(sends, sl, slw, now),
		wait_of(fails, fs, fsw, now), wait_of(fails, fl, flw, now)) or 0 }
end
local lock = math.max(wait_of(fails, byte(rec, FAILS_SHORT + 1), fsw, now), wait_of(fails, byte(rec, FAILS_LONG + 1), flw, now))
if lock > 0 then
	return { 2, lock }
end
local verdict, left, wrong = 0, 0, byte(rec, WRONG + 1)
if sub(rec, MAC + 1, MAC + 32) == ARGV[4] then
	finish(KEYS[1], rec, 1, wrong, now)
	if #fails > 0 then
		call('SET', KEYS[2], counters_pack(sends, {}), 'KEEPTTL')
	end
else
	wrong = wrong + 1
	verdict, left = 1, math.max(byte(rec, GUESSES + 1) - wrong, 0)
	if left == 0 then
		finish(KEYS[1], rec, 3, wrong, now)
	else
		call('SETRANGE', KEYS[1], WRONG, char(wrong))
	end
	fails[#fails + 1] = now_s
	call('SET', KEYS[2], counters_pack(sends, fails), 'EX', math.max(ssw, slw, fsw, flw))
end
if once then
	call('SET', once, ARGV[6] .. char(verdict, left), 'PX', ARGV[7])
end
return { verdict, left }
