-- create: KEYS o r j [k]; ARGV now record px lease tuple args equal_window keep memory id [cap count window]
-- r: the counters of the number at this tenant; those of known devices have the same key with "k" behind it. cap: the
-- key of the number over all tenants, followed by the limit there.
-- -> {outcome, ...} by enum store_issue_outcome: REPLAYED id or record | LIVE record | LIMITED ms, enum
-- store_limited_by | CONFLICT id
-- uses: layout
local now, keep, new, once = tonumber(ARGV[1]), tonumber(ARGV[8]), ARGV[2], KEYS[4]
local numbers = byte(new, AT_KNOWN + 1) == 1 and KEYS[2] .. 'k' or KEYS[2]
local got = once and call('MGET', KEYS[1], numbers, once) or call('MGET', KEYS[1], numbers)
local rec, raw, replay = got[1], got[2], got[3]
if replay then
	return { sub(replay, 1, LEN_ARGS) == ARGV[6] and STORE_ISSUE_REPLAYED or STORE_ISSUE_CONFLICT,
		sub(replay, LEN_ARGS + 1) }
end
local function create(value)
	-- The write that may fail comes first, so that no send is counted without an entry.
	call('ZADD', KEYS[3], ARGV[4], ARGV[5])
	call('SET', KEYS[1], new, 'PX', ARGV[3])
	call('SET', numbers, value, 'EX', ARGV[8])
	if once then
		call('SET', once, ARGV[6] .. ARGV[10], 'PX', ARGV[9])
	end
	return { STORE_ISSUE_CREATED }
end
if not rec and not raw and not ARGV[11] then
	return create(pack('<BBI4', 1, 0, math.ceil(now / 1000)))
end
-- uses: readable counters pause
local pause = 0
if rec then
	if not readable(rec) then
		return { STORE_ISSUE_UNREADABLE }
	end
	local state = byte(rec, AT_STATE + 1)
	if state == LIFECYCLE_PENDING and now < u64(rec, AT_EXPIRES) then
		if not once and sub(rec, AT_ARGS + 1, AT_ARGS + LEN_ARGS) == ARGV[6] and now - u64(rec, AT_SENT) < tonumber(ARGV[7]) and
			now >= u64(rec, AT_SENT) and byte(rec, AT_RETURNED + 1) == 0 then
			return { STORE_ISSUE_REPLAYED, rec }
		end
		return { STORE_ISSUE_LIVE, rec }
	end
	-- After any end but VERIFIED a new verification waits as long as a resend would have waited.
	pause = state == LIFECYCLE_VERIFIED and 0 or pause_left(rec, now, KEYS[1])
	new = sub(new, 1, AT_PREV_STATE) .. char(state == LIFECYCLE_PENDING and LIFECYCLE_EXPIRED or state) ..
		sub(new, AT_PREV_STATE + 2, AT_PREV_GENERATION) .. sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_PREV_GENERATION) ..
		pack('<I4', math.floor(u64(rec, AT_ENDED) / 1000) % 4294967296) .. sub(new, AT_PREV_ENDED + 5)
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
	return { STORE_ISSUE_LIMITED, wait,
		wait == fails and STORE_LIMITED_GUESSES or wait == sends and STORE_LIMITED_SENDS or STORE_LIMITED_WAIT }
end
c.sends[#c.sends + 1] = c.at
local created = create(counters_pack(c))
if cap then
	cap.sends[#cap.sends + 1] = cap.at
	call('SET', ARGV[11], counters_pack(cap), 'EX', keep)
end
return created
