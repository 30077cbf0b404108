-- False for a record that another version wrote, or that was changed. Functions do not change such a record.
-- rec: its first octets; least: how many were read, or are there at least, of a record that goes on.
local function readable(rec, least, version, state, delivery, reason)
	if version < RECORD_OLDEST or version > RECORD_NEWEST or delivery >= DELIVERY_STATES or reason >= REASON_COUNT or state >= LIFECYCLE_STATES then
		return false
	end
	if state == LIFECYCLE_PENDING then
		return #rec >= least
	end
	return #rec == (state == LIFECYCLE_EXHAUSTED and TOMBSTONE_LIMITS_LEN or TOMBSTONE_LEN) or
		byte(rec, AT_ORIGIN + 1) >= ORIGIN_REDIRECTED and #rec == math.min(TOMBSTONE_REDIRECTED_LEN, least)
end
-- What most functions look at: state, delivery, reason, flags, smsc, expires, accepted, created, generation, tenant,
-- wrong, ended (0 or as event gives it).
-- nil for a record that is not readable.
local function head(rec, least)
	if #rec < TOMBSTONE_LEN then
		return nil
	end
	local version, state, ended, wrong, delivery, reason, flags, smsc, expires, accepted, created, generation, tenant =
		unpack_at(head_fields, rec)
	if not readable(rec, least, version, state, delivery, reason) then
		return nil
	end
	return state, delivery, reason, flags, smsc, expires, accepted, created, generation, tenant, wrong, ended
end
-- The same for a whole record.
local function whole(rec)
	local state, delivery, reason, flags, smsc, expires, accepted, created, generation, tenant, wrong, ended = head(rec, AT_SEALED)
	if state == LIFECYCLE_PENDING and #rec ~= AT_SEALED + u16(rec, AT_SEALED_LEN) + LEN_MAC * byte(rec, AT_MORE_MACS + 1) +
		LEN_FORMER * byte(rec, AT_FORMER + 1) then
		return nil
	end
	return state, delivery, reason, flags, smsc, expires, accepted, created, generation, tenant, wrong, ended
end
