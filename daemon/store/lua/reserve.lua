-- reserve: KEYS o; ARGV fields -> {outcome, ...} by enum store_reserve_outcome: TAKEN | HELD ms | NONE_LEFT ms | OWN_CODE |
-- GONE enum store_gone, ms
-- fields: now hold tenant tag generation.
-- Reserves a verification for a corrected number, of which tag is a keyed hash: until hold ms from now its code cannot
-- be used, and no other number can be reserved. The same number may be reserved again, because a request may be
-- repeated. hold: 0 gives the reserve of this number back.
local now, hold, tenant, tag, generation, rest = unpack_at(reserve_fields, ARGV[1])
local key = KEYS[1]
local rec = read_all(key)
local why, ms, created = gone(rec, generation, rest, tenant, now)
if why == STORE_LIVE and not whole(rec) then
	why = STORE_UNREADABLE
end
if why ~= STORE_LIVE then
	return { STORE_RESERVE_GONE, why, ms }
end
local origin = byte(rec, AT_ORIGIN + 1)
local mine = sub(rec, AT_RESERVE + 1, AT_RESERVE + LEN_RESERVE) == tag
if hold == 0 then
	if mine and origin >= ORIGIN_RESERVED then
		call('SETRANGE', key, AT_ORIGIN, char(origin - ORIGIN_RESERVED))
	end
	return { STORE_RESERVE_TAKEN }
end
if origin % (2 * ORIGIN_OWN) >= ORIGIN_OWN then
	return { STORE_RESERVE_OWN_CODE }
end
if byte(rec, AT_REDIRECTS + 1) >= REDIRECTS_MAX then
	return { STORE_RESERVE_NONE_LEFT, created + since(rec, AT_EXPIRES) - now }
end
if origin >= ORIGIN_RESERVED then
	local left = reserve_left(sub(rec, AT_RESERVE_END + 1, AT_RESERVE_END + LEN_TIME), now, created)
	if left > 0 and not mine then
		return { STORE_RESERVE_HELD, left }
	end
end
call('SETRANGE', key, AT_RESERVE, tag .. pack('<i4', now - created + hold))
if origin < ORIGIN_RESERVED then
	call('SETRANGE', key, AT_ORIGIN, char(origin + ORIGIN_RESERVED))
end
return { STORE_RESERVE_TAKEN }
