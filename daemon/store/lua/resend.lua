-- resend: KEYS o r j [k]; ARGV now generation tenant args equal_window keep deadline lease tuple sealed owner memory id
--   known_limits [cap count window]
-- known_limits: "" or the limits of a verification that a known device asked for: the record is one from now on.
-- {0, record} granted | {1, id} replayed | {2, ms, left} wait (left 0: it has no sends left) | {3, ms} limited |
-- {4, id} conflict | {5, gone, ms}
-- Wrong guesses refuse no resend: it adds no guess.
-- uses: layout gone counters pause
local now, keep, once = tonumber(ARGV[1]), tonumber(ARGV[6]), KEYS[4]
local got = once and call('MGET', KEYS[1], once) or call('MGET', KEYS[1])
local rec, replay = got[1], got[2]
if replay then
	return { sub(replay, 1, 15) == ARGV[4] and 1 or 4, sub(replay, 16) }
end
local why, ms = gone(rec, ARGV[2], ARGV[3], now)
local known = (why == LIVE or why == EXHAUSTED) and byte(rec, KNOWN + 1) == 1
local known_limits = why == LIVE and not known and ARGV[14] or ''
if known_limits ~= '' then
	-- It opens guesses of known devices, as a new verification would.
	known = fails_wait(rec, counters(call('MGET', KEYS[2] .. 'k')[1], now, keep), now) == 0
	known_limits = known and known_limits or ''
end
local numbers = known and KEYS[2] .. 'k' or KEYS[2]
if why == EXHAUSTED then
	local c = counters(call('MGET', numbers)[1], now, keep)
	ms = math.max(sends_wait(rec, c, now), fails_wait(rec, c, now), pause_left(rec, now))
end
if why ~= LIVE then
	return { 5, why, ms }
end
if not once and sub(rec, ARGS + 1, ARGS + 15) == ARGV[4] and now - u64(rec, SENT) < tonumber(ARGV[5]) and now >= u64(rec, SENT) and
	byte(rec, RETURNED + 1) == 0 then
	return { 1, ARGV[13] }
end
local n = byte(rec, SENDS + 1)
if n >= byte(rec, SENDS_MAX + 1) then
	return { 2, u64(rec, EXPIRES) - now, 0 }
end
local pause = pause_left(rec, now, KEYS[1])
if pause > 0 then
	return { 2, pause, byte(rec, SENDS_MAX + 1) - n }
end
rec = sub(rec, 1, DELIVERY) .. char(0, 0) .. sub(rec, WRONG + 1, SENDS) .. char(n + 1) .. sub(rec, SENDS_MAX + 1, CLAIMS) ..
	char(0, byte(rec, FLAGS + 1) % 2) .. sub(rec, PREV_STATE + 1, KNOWN) .. char(known and 1 or 0) ..
	sub(rec, SHAPE + 1, RETURNED) .. '\0' .. sub(rec, TENANT + 1, DEADLINE) .. pack('<I8I8', tonumber(ARGV[7]), now) ..
	sub(rec, ACCEPTED + 1, OWNER) .. ARGV[11] .. sub(rec, SMSC + 1, ARGS) .. ARGV[4] .. '\0' .. sub(rec, GENERATION + 1, LIMITS) ..
	(known_limits ~= '' and known_limits or sub(rec, LIMITS + 1, TAGS)) .. sub(rec, TAGS + 1, SEALED) ..
	(ARGV[10] ~= '' and ARGV[10] or sub(rec, SEALED + 1))
local raw = call('MGET', numbers, ARGV[15] or numbers)
local c, cap = counters(raw[1], now, keep), ARGV[15] and counters(raw[2], now, keep)
local wait = math.max(sends_wait(rec, c, now), cap and wait_of(cap.sends, tonumber(ARGV[16]), tonumber(ARGV[17]), now) or 0)
if wait > 0 then
	keep_clamped(numbers, c, keep)
	keep_clamped(ARGV[15], cap, keep)
	return { 3, wait }
end
c.sends[#c.sends + 1] = c.at
-- First what may be refused: nothing is charged that is not owed.
call('ZADD', KEYS[3], ARGV[8], ARGV[9])
call('SET', KEYS[1], rec, 'KEEPTTL')
call('SET', numbers, counters_pack(c), 'EX', keep)
if cap then
	cap.sends[#cap.sends + 1] = cap.at
	call('SET', ARGV[15], counters_pack(cap), 'EX', keep)
end
if once then
	call('SET', once, ARGV[4] .. ARGV[13], 'PX', ARGV[12])
end
return { 0, rec }
