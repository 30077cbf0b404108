-- issue: KEYS and ARGV of lib/send.lua, then record px [memory id cap count window]
-- r: the key that fits the record, with or without "k".
-- fields: second now equal_window [replaces] args. Without a REQID memory and id are empty if a limit over all tenants
-- follows.
-- replaces: the first octets of a generation. If the live verification of the tuple is of it, the new one comes in its
-- place: its sends, waits and wrong guesses go on in the new one, so no limit of wrong guesses forbids that.
-- cap: the key of the number over all tenants, followed by the limit there.
-- -> ISSUE_CREATED, or {outcome, ...} by enum store_issue_outcome: REPLAYED id or record | LIVE record | LIMITED ms, enum
-- store_limited_by | CONFLICT id | UNREADABLE | REDIRECTED record
local once, numbers, new = KEYS[4], KEYS[2], ARGV[4]
-- Most numbers had no SMS lately, and to see that nothing is there costs Redis half of what reading costs.
if not ARGV[8] and (once and call('EXISTS', KEYS[1], numbers, once) or call('EXISTS', KEYS[1], numbers)) == 0 then
	write(KEYS, ARGV, new, ARGV[5], numbers, sub(ARGV[1], 1, LEN_SECOND))
	return ISSUE_CREATED
end
local got = once and call('MGET', KEYS[1], numbers, once) or call('MGET', KEYS[1], numbers)
local rec, raw, replay = got[1], got[2], got[3]
local _, now, window, args = unpack_at(issue_fields, ARGV[1])
local replaces, live
if #ARGV[1] > LEN_ISSUE then
	replaces, args = sub(args, 1, LEN_GENERATION), sub(ARGV[1], -LEN_ONCE)
end
if replay then
	return { sub(replay, 1, LEN_ONCE) == args and STORE_ISSUE_REPLAYED or STORE_ISSUE_CONFLICT, sub(replay, LEN_ONCE + 1) }
end
local pause = 0
if rec then
	local state, _, _, _, _, expires, _, created, generation, _, wrong, at = whole(rec)
	if not state then
		return { STORE_ISSUE_UNREADABLE }
	end
	live = state == LIFECYCLE_PENDING and now < created + expires
	if live and generation ~= replaces then
		return { not once and is_equal(rec, now, created, window, args) and STORE_ISSUE_REPLAYED or STORE_ISSUE_LIVE, rec }
	end
	if live then
		local n = byte(rec, AT_SENDS + 1)
		if n >= byte(rec, AT_SENDS_MAX + 1) then
			return { STORE_ISSUE_LIMITED, created + expires - now, STORE_LIMITED_NONE_LEFT }
		end
		new = sub(new, 1, AT_WRONG) .. char(wrong) .. sub(new, AT_DELIVERY + 1, AT_WAIT) .. pack('<I2', wait_after(new, n + 1)) ..
			sub(new, AT_GUESSES + 1, AT_SENDS) .. char(n + 1) .. sub(new, AT_SENDS_MAX + 1)
	end
	-- With 0 it was freed, which holds even if Redis' clock was set back since.
	if byte(rec, AT_ORIGIN + 1) >= ORIGIN_REDIRECTED and expires > 0 and now < created + expires then
		return { STORE_ISSUE_REDIRECTED, rec }
	end
	-- After any end but VERIFIED a new verification waits as long as a resend would have waited.
	pause = state == LIFECYCLE_VERIFIED and 0 or pause_left(rec, now, created, KEYS[1])
	at = at > 0 and created + at - 1 or 0
	new = sub(new, 1, AT_PREV_STATE) .. char(state == LIFECYCLE_PENDING and LIFECYCLE_EXPIRED or state) ..
		generation .. pack('<I4', math.floor(at / 1000) % 4294967296) .. sub(new, AT_PURPOSE + 1)
end
local charge = charge_of(new, numbers, raw, ARGV, now)
local fails = live and 0 or fails_wait(new, charge.c, now)
local wait = math.max(charge.wait, fails, pause)
if wait > 0 then
	charge_refused(charge, ARGV)
	return { STORE_ISSUE_LIMITED, wait,
		wait == fails and STORE_LIMITED_GUESSES or wait == charge.wait and STORE_LIMITED_SENDS or STORE_LIMITED_WAIT }
end
charge_granted(charge, KEYS, ARGV, new, ARGV[5])
return ISSUE_CREATED
