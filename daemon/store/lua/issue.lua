-- create: KEYS o r j [k]; ARGV now record px lease tuple args equal_window keep memory id [cap count window]
-- r: the number at this tenant (a record that is KNOWN has counters of its own beside it); cap: the key of the number over
-- all tenants, with the limit there.
-- {0} created | {1, id or record} replayed | {2, record} live | {3, ms, scope} limited | {4, id} conflict | {5} unreadable
-- scope: 0 sends of the number, 1 wrong guesses of the number, 2 the wait of the verification before
-- uses: layout
local now, keep, new, once = tonumber(ARGV[1]), tonumber(ARGV[8]), ARGV[2], KEYS[4]
local numbers = byte(new, KNOWN + 1) == 1 and KEYS[2] .. 'k' or KEYS[2]
local got = once and call('MGET', KEYS[1], numbers, once) or call('MGET', KEYS[1], numbers)
local rec, raw, replay = got[1], got[2], got[3]
if replay then
	return { sub(replay, 1, 15) == ARGV[6] and 1 or 4, sub(replay, 16) }
end
local function create(value)
	-- First what may be refused: nothing is charged that is not owed.
	call('ZADD', KEYS[3], ARGV[4], ARGV[5])
	call('SET', KEYS[1], new, 'PX', ARGV[3])
	call('SET', numbers, value, 'EX', ARGV[8])
	if once then
		call('SET', once, ARGV[6] .. ARGV[10], 'PX', ARGV[9])
	end
	return { 0 }
end
if not rec and not raw and not ARGV[11] then
	return create(pack('<BBI4', 1, 0, math.ceil(now / 1000)))
end
-- uses: readable counters pause
local pause = 0
if rec then
	if not readable(rec) then
		return { 5 }
	end
	local state = byte(rec, STATE + 1)
	if state == 0 and now < u64(rec, EXPIRES) then
		if not once and sub(rec, ARGS + 1, ARGS + 15) == ARGV[6] and now - u64(rec, SENT) < tonumber(ARGV[7]) and now >= u64(rec, SENT) and
			byte(rec, RETURNED + 1) == 0 then
			return { 1, rec }
		end
		return { 2, rec }
	end
	-- Who verified has shown that the SMS came; every other end leaves the wait that a resend would have had.
	pause = state == 1 and 0 or pause_left(rec, now, KEYS[1])
	new = sub(new, 1, PREV_STATE) .. char(state == 0 and 2 or state) .. sub(new, PREV_STATE + 2, PREV_GENERATION) ..
		sub(rec, GENERATION + 1, GENERATION + 8) .. pack('<I4', math.floor(u64(rec, ENDED) / 1000) % 4294967296) ..
		sub(new, PREV_ENDED + 5)
end
local c, cap = counters(raw, now, keep), ARGV[11] and counters(call('MGET', ARGV[11])[1], now, keep)
local sends, fails = sends_wait(new, c, now), fails_wait(new, c, now)
if cap then
	sends = math.max(sends, wait_of(cap.sends, tonumber(ARGV[12]), tonumber(ARGV[13]), now))
end
local wait = math.max(sends, fails, pause)
if wait > 0 then
	keep_clamped(numbers, c, keep)
	keep_clamped(ARGV[11], cap, keep)
	return { 3, wait, wait == fails and 1 or wait == sends and 0 or 2 }
end
c.sends[#c.sends + 1] = c.at
local created = create(counters_pack(c))
if cap then
	cap.sends[#cap.sends + 1] = cap.at
	call('SET', ARGV[11], counters_pack(cap), 'EX', keep)
end
return created
