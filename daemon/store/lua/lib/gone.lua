local function ended(state)
	return state == LIFECYCLE_VERIFIED and STORE_USED or state == LIFECYCLE_EXHAUSTED and STORE_EXHAUSTED or
		state == LIFECYCLE_CANCELLED and STORE_CANCELLED or state < LIFECYCLE_STATES and STORE_EXPIRED or STORE_UNKNOWN
end
-- Returns why this id cannot be used, or LIVE, and the ms since it was USED, otherwise 0.
local function gone(rec, generation, tenant, now)
	if not rec then
		return STORE_UNKNOWN, 0
	end
	-- The checks are those of lib/readable.lua.
	local version, _, state, delivery, reason = byte(rec, AT_VERSION + 1, AT_REASON + 1)
	if #rec ~= RECORD_LEN or version < RECORD_OLDEST or version > RECORD_NEWEST or state >= LIFECYCLE_STATES or delivery >= DELIVERY_STATES or
		reason >= REASON_COUNT then
		return STORE_UNREADABLE, 0
	end
	if sub(rec, AT_TENANT + 1, AT_TENANT + LEN_TENANT) ~= tenant then
		return STORE_DENIED, 0
	end
	local at = 0
	if sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_GENERATION) ~= generation then
		if sub(rec, AT_PREV_GENERATION + 1, AT_PREV_GENERATION + LEN_PREV_GENERATION) ~=
			sub(generation, 1, LEN_PREV_GENERATION) then
			return STORE_UNKNOWN, 0
		end
		state, at = byte(rec, AT_PREV_STATE + 1), (unpack_at('<I4', rec, AT_PREV_ENDED + 1)) * 1000
	elseif state == LIFECYCLE_PENDING and now < u64(rec, AT_EXPIRES) then
		return STORE_LIVE, 0
	else
		at = u64(rec, AT_ENDED)
	end
	local why = ended(state)
	return why, why == STORE_USED and math.max(now - at, 0) or 0
end
-- Writes the final state of a record, its wrong guesses, and the time when it ended.
local function finish(key, rec, state, wrong, now)
	call('SETRANGE', key, AT_STATE, char(state) .. sub(rec, AT_DELIVERY + 1, AT_WRONG) .. char(wrong) ..
		sub(rec, AT_GUESSES + 1, AT_ENDED) .. pack('<I8', now))
end
