-- cancel: KEYS o j; ARGV fields -> {gone, ms}
-- fields: now tenant generation why, an enum lifecycle_cancel, which the tombstone keeps.
-- gone: LIVE if it was live and is cancelled now. ms: the time since it was USED, otherwise 0.
local now, tenant, generation, rest, reason = unpack_at(cancel_fields, ARGV[1])
local rec = read(KEYS[1], guess_end)
local why, ms, created, wrong = gone(rec, generation, rest, tenant, now)
if why == STORE_LIVE then
	if reason > 0 then
		rec = sub(rec, 1, AT_FLAGS) .. char(byte(rec, AT_FLAGS + 1) + FLAG_CANCEL * reason) .. sub(rec, AT_SMSC + 1)
	end
	finish(KEYS[1], rec, LIFECYCLE_CANCELLED, wrong, now, created)
	call('ZREM', KEYS[2], tuple_of(KEYS[1]))
end
return { why, ms }
