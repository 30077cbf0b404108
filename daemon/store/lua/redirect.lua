-- redirect: KEYS o j; ARGV fields sealed px -> {gone, ms}
-- fields: now ends tenant tag generation.
-- Ends a verification whose number was corrected, and leaves the sealed id of its successor in the tombstone, which is
-- kept for px ms. ends: the hard end of the successor. tag: of the number for which it was reserved; another request may
-- have taken the reserve since.
-- gone: LIVE if it was live and is redirected now; RESERVED if another number has the reserve.
local now, ends, tenant, tag, generation, rest = unpack_at(redirect_fields, ARGV[1])
local key = KEYS[1]
local rec = read_all(key)
local why, ms, created, wrong = gone(rec, generation, rest, tenant, now)
if why == STORE_LIVE and not whole(rec) then
	why = STORE_UNREADABLE
elseif why == STORE_LIVE and sub(rec, AT_RESERVE + 1, AT_RESERVE + LEN_RESERVE) ~= tag then
	why, ms = STORE_RESERVED, reserve_left(sub(rec, AT_RESERVE_END + 1, AT_RESERVE_END + LEN_TIME), now, created)
end
if why == STORE_LIVE then
	local origin = byte(rec, AT_ORIGIN + 1) % ORIGIN_RESERVED + ORIGIN_REDIRECTED
	call('PSETEX', key, ARGV[3], pack(end_fields, byte(rec, 1), LIFECYCLE_EXPIRED, event(now, created), wrong) ..
		sub(rec, AT_DELIVERY + 1, AT_EXPIRES) .. pack('<i4', ends - created) .. sub(rec, AT_ACCEPTED + 1, AT_ORIGIN) ..
		char(origin) .. sub(rec, AT_KID + 1, TOMBSTONE_LEN) .. ARGV[2])
	call('ZREM', KEYS[2], tuple_of(key))
end
return { why, ms }
