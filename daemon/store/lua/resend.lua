-- resend: KEYS and ARGV of lib/send.lua, then sealed known_limits [memory id cap count window]
-- fields: second now equal_window deadline tenant owner generation args.
-- sealed: "" or the sealed payload that replaces the one in the record. known_limits: "" or the limits of a known
-- device, whose verification the record becomes.
-- -> {outcome, ...} by enum store_resend_outcome: GRANTED record | REPLAYED id | WAIT ms, sends left | LIMITED ms |
-- CONFLICT id | GONE enum store_gone, ms
-- Wrong guesses never forbid a resend, because it does not allow more guesses.
local _, now, window, deadline, tenant, owner, generation, rest, args = unpack_at(resend_fields, ARGV[1])
local keep, once = tonumber(ARGV[2]), KEYS[4]
local replay = once and call('MGET', once)[1]
if replay then
	return { sub(replay, 1, LEN_ONCE) == args and STORE_RESEND_REPLAYED or STORE_RESEND_CONFLICT,
		sub(replay, LEN_ONCE + 1) }
end
local rec = read_all(KEYS[1])
local why, ms, created = gone(rec, generation, rest, tenant, now)
if why == STORE_LIVE and not whole(rec) then
	why, ms = STORE_UNREADABLE, 0
end
if why == STORE_LIVE and byte(rec, AT_ORIGIN + 1) >= ORIGIN_RESERVED then
	local left = reserve_left(sub(rec, AT_RESERVE_END + 1, AT_RESERVE_END + LEN_TIME), now, created)
	if left > 0 then
		why, ms = STORE_RESERVED, left
	end
end
local known = (why == STORE_LIVE or why == STORE_EXHAUSTED) and byte(rec, AT_KNOWN + 1) == 1
local known_limits = why == STORE_LIVE and not known and ARGV[5] or ''
if known_limits ~= '' then
	-- It allows guesses of known devices, so their limit of wrong guesses must allow a new verification.
	known = fails_wait(rec, counters(call('MGET', KEYS[2] .. 'k')[1], now, keep), now) == 0
	known_limits = known and known_limits or ''
end
local numbers = known and KEYS[2] .. 'k' or KEYS[2]
if why == STORE_EXHAUSTED and has_limits(rec) then
	local c = counters(call('MGET', numbers)[1], now, keep)
	ms = math.max(sends_wait(rec, c, now), fails_wait(rec, c, now), pause_left(rec, now, created))
end
if why ~= STORE_LIVE then
	return { STORE_RESEND_GONE, why, ms }
end
if not once and is_equal(rec, now, created, window, args) then
	return { STORE_RESEND_REPLAYED }
end
local n = byte(rec, AT_SENDS + 1)
if n >= byte(rec, AT_SENDS_MAX + 1) then
	return { STORE_RESEND_WAIT, created + since(rec, AT_EXPIRES) - now, 0 }
end
local pause = pause_left(rec, now, created, KEYS[1])
if pause > 0 then
	return { STORE_RESEND_WAIT, pause, byte(rec, AT_SENDS_MAX + 1) - n }
end
local sealed = ARGV[4]
local tail = AT_SEALED + u16(rec, AT_SEALED_LEN)
rec = sub(rec, 1, AT_DELIVERY) .. char(DELIVERY_QUEUED, REASON_NONE, byte(rec, AT_FLAGS + 1) % FLAG_REROUTED) ..
	sub(rec, AT_SMSC + 1, AT_SENT) .. pack('<i4I2', now - created, wait_after(rec, n + 1)) ..
	sub(rec, AT_GUESSES + 1, AT_SENDS) .. char(n + 1) .. sub(rec, AT_SENDS_MAX + 1, AT_KNOWN) .. char(known and 1 or 0) ..
	sub(rec, AT_ORIGIN + 1, AT_LIMITS) ..
	(known_limits ~= '' and known_limits or sub(rec, AT_LIMITS + 1, AT_LIMITS + LEN_LIMITS)) ..
	sub(rec, AT_TTL + 1, AT_DEADLINE) .. pack('<i4', deadline - created) ..
	sub(rec, AT_HARD_END + 1, AT_RETURNED) .. char(0, 0, 0) .. owner .. sub(args, 1, LEN_ARGS) ..
	sub(rec, AT_WAITS + 1, AT_SEALED_LEN) ..
	(sealed ~= '' and pack('<I2', #sealed) .. sealed .. sub(rec, tail + 1) or sub(rec, AT_SEALED_LEN + 1))
local charge = charge_of(rec, numbers, call('MGET', numbers)[1], ARGV, now)
if charge.wait > 0 then
	charge_refused(charge, ARGV)
	return { STORE_RESEND_LIMITED, charge.wait }
end
charge_granted(charge, KEYS, ARGV, rec)
return { STORE_RESEND_GRANTED, rec }
