-- resend: KEYS and ARGV of lib/send.lua, then generation tenant deadline sealed owner known_limits [cap count window]
-- known_limits: "" or the limits of a known device, whose verification the record becomes.
-- -> {outcome, ...} by enum store_resend_outcome: GRANTED record | REPLAYED id | WAIT ms, sends left | LIMITED ms |
-- CONFLICT id | GONE enum store_gone, ms
-- Wrong guesses never forbid a resend, because it does not allow more guesses.
local now, keep, args, once = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], KEYS[4]
local got = once and call('MGET', KEYS[1], once) or call('MGET', KEYS[1])
local rec, replay = got[1], got[2]
if replay then
	return { sub(replay, 1, LEN_ARGS) == args and STORE_RESEND_REPLAYED or STORE_RESEND_CONFLICT,
		sub(replay, LEN_ARGS + 1) }
end
local why, ms = gone(rec, ARGV[9], ARGV[10], now)
local known = (why == STORE_LIVE or why == STORE_EXHAUSTED) and byte(rec, AT_KNOWN + 1) == 1
local known_limits = why == STORE_LIVE and not known and ARGV[14] or ''
if known_limits ~= '' then
	-- It allows guesses of known devices, so their limit of wrong guesses must allow a new verification.
	known = fails_wait(rec, counters(call('MGET', KEYS[2] .. 'k')[1], now, keep), now) == 0
	known_limits = known and known_limits or ''
end
local numbers = known and KEYS[2] .. 'k' or KEYS[2]
if why == STORE_EXHAUSTED then
	local c = counters(call('MGET', numbers)[1], now, keep)
	ms = math.max(sends_wait(rec, c, now), fails_wait(rec, c, now), pause_left(rec, now))
end
if why ~= STORE_LIVE then
	return { STORE_RESEND_GONE, why, ms }
end
if is_equal(rec, now, KEYS, ARGV) then
	return { STORE_RESEND_REPLAYED, ARGV[6] }
end
local n = byte(rec, AT_SENDS + 1)
if n >= byte(rec, AT_SENDS_MAX + 1) then
	return { STORE_RESEND_WAIT, u64(rec, AT_EXPIRES) - now, 0 }
end
local pause = pause_left(rec, now, KEYS[1])
if pause > 0 then
	return { STORE_RESEND_WAIT, pause, byte(rec, AT_SENDS_MAX + 1) - n }
end
rec = sub(rec, 1, AT_DELIVERY) .. char(DELIVERY_QUEUED, REASON_NONE) .. sub(rec, AT_WRONG + 1, AT_SENDS) .. char(n + 1) ..
	sub(rec, AT_SENDS_MAX + 1, AT_CLAIMS) .. char(0, byte(rec, AT_FLAGS + 1) % FLAG_REROUTED) ..
	sub(rec, AT_PREV_STATE + 1, AT_KNOWN) .. char(known and 1 or 0) .. sub(rec, AT_SHAPE + 1, AT_RETURNED) .. '\0' ..
	sub(rec, AT_TENANT + 1, AT_DEADLINE) .. pack('<I8I8', tonumber(ARGV[11]), now) ..
	sub(rec, AT_ACCEPTED + 1, AT_OWNER) .. ARGV[13] .. sub(rec, AT_SMSC + 1, AT_ARGS) .. args .. '\0' ..
	sub(rec, AT_GENERATION + 1, AT_LIMITS) ..
	(known_limits ~= '' and known_limits or sub(rec, AT_LIMITS + 1, AT_TAGS)) .. sub(rec, AT_TAGS + 1, AT_SEALED) ..
	(ARGV[12] ~= '' and ARGV[12] or sub(rec, AT_SEALED + 1))
local charge = charge_of(rec, numbers, call('MGET', numbers)[1], ARGV, 15)
if charge.wait > 0 then
	charge_refused(charge)
	return { STORE_RESEND_LIMITED, charge.wait }
end
charge_granted(charge, KEYS, ARGV, rec)
return { STORE_RESEND_GRANTED, rec }
