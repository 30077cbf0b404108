-- issue: KEYS and ARGV of lib/send.lua, then record px [cap count window]
-- cap: the key of the number over all tenants, followed by the limit there.
-- -> {outcome, ...} by enum store_issue_outcome: REPLAYED id or record | LIVE record | LIMITED ms, enum
-- store_limited_by | CONFLICT id
local now, args, once, new = tonumber(ARGV[1]), ARGV[3], KEYS[4], ARGV[9]
local numbers = byte(new, AT_KNOWN + 1) == 1 and KEYS[2] .. 'k' or KEYS[2]
local got = once and call('MGET', KEYS[1], numbers, once) or call('MGET', KEYS[1], numbers)
local rec, raw, replay = got[1], got[2], got[3]
if replay then
	return { sub(replay, 1, LEN_ARGS) == args and STORE_ISSUE_REPLAYED or STORE_ISSUE_CONFLICT, sub(replay, LEN_ARGS + 1) }
end
if not rec and not raw and not ARGV[11] then
	write(KEYS, ARGV, new, ARGV[10], numbers, pack('<BBI4', 1, 0, math.ceil(now / 1000)))
	return { STORE_ISSUE_CREATED }
end
local pause = 0
if rec then
	if not readable(rec) then
		return { STORE_ISSUE_UNREADABLE }
	end
	local state = byte(rec, AT_STATE + 1)
	if state == LIFECYCLE_PENDING and now < u64(rec, AT_EXPIRES) then
		return { is_equal(rec, now, KEYS, ARGV) and STORE_ISSUE_REPLAYED or STORE_ISSUE_LIVE, rec }
	end
	-- After any end but VERIFIED a new verification waits as long as a resend would have waited.
	pause = state == LIFECYCLE_VERIFIED and 0 or pause_left(rec, now, KEYS[1])
	new = sub(new, 1, AT_PREV_STATE) .. char(state == LIFECYCLE_PENDING and LIFECYCLE_EXPIRED or state) ..
		sub(new, AT_PREV_STATE + 2, AT_PREV_GENERATION) .. sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_PREV_GENERATION) ..
		pack('<I4', math.floor(u64(rec, AT_ENDED) / 1000) % 4294967296) .. sub(new, AT_PREV_ENDED + 5)
end
local charge = charge_of(new, numbers, raw, ARGV, 11)
local fails = fails_wait(new, charge.c, now)
local wait = math.max(charge.wait, fails, pause)
if wait > 0 then
	charge_refused(charge)
	return { STORE_ISSUE_LIMITED, wait,
		wait == fails and STORE_LIMITED_GUESSES or wait == charge.wait and STORE_LIMITED_SENDS or STORE_LIMITED_WAIT }
end
charge_granted(charge, KEYS, ARGV, new, ARGV[10])
return { STORE_ISSUE_CREATED }
