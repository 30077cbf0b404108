-- cancel: KEYS o j; ARGV fields -> {gone, ms}
-- fields: now tenant generation.
-- gone: LIVE if it was live and is cancelled now. ms: the time since it was USED, otherwise 0.
local now, tenant, generation, rest = unpack_at(cancel_fields, ARGV[1])
local rec = read(KEYS[1], guess_end)
local why, ms, created, wrong = gone(rec, generation, rest, tenant, now)
if why == STORE_LIVE then
	finish(KEYS[1], rec, LIFECYCLE_CANCELLED, wrong, now, created)
	call('ZREM', KEYS[2], tuple_of(KEYS[1]))
end
return { why, ms }
