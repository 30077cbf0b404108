local function ended(state)
	return state == LIFECYCLE_VERIFIED and STORE_USED or state == LIFECYCLE_EXHAUSTED and STORE_EXHAUSTED or
		state == LIFECYCLE_CANCELLED and STORE_CANCELLED or state < LIFECYCLE_STATES and STORE_EXPIRED or STORE_UNKNOWN
end
-- Returns why this id cannot be used, or LIVE; the ms since it was USED, otherwise 0; when the record was created; and
-- its wrong guesses.
-- generation: its first octets, and the rest. rec: what was read of the record, READ_GUESS octets at least.
local function gone(rec, generation, rest, tenant, now)
	if not rec then
		return STORE_UNKNOWN, 0
	end
	local state, _, _, _, _, expires, _, created, own, of, wrong, at_end = head(rec, READ_GUESS)
	if not state then
		return STORE_UNREADABLE, 0
	end
	if of ~= tenant then
		return STORE_DENIED, 0
	end
	local at = 0
	if own ~= generation then
		if sub(rec, AT_PREV_GENERATION + 1, AT_PREV_GENERATION + LEN_GENERATION) ~= generation then
			return STORE_UNKNOWN, 0
		end
		state, at = byte(rec, AT_PREV_STATE + 1), unpack_at('<I4', rec, AT_PREV_ENDED + 1) * 1000
	elseif state ~= LIFECYCLE_PENDING then
		if byte(rec, AT_ORIGIN + 1) >= ORIGIN_REDIRECTED then
			return STORE_REDIRECTED, 0, created, wrong
		end
		at = created + at_end - 1
	elseif sub(rec, AT_GENERATION_REST + 1, AT_GENERATION_REST + LEN_GENERATION_REST) ~= rest then
		return STORE_UNKNOWN, 0
	elseif now < created + expires then
		return STORE_LIVE, 0, created, wrong
	end
	local why = ended(state)
	return why, why == STORE_USED and math.max(now - at, 0) or 0, created, wrong
end
-- ms for which a corrected number that is on its way holds back the code of a record that goes on; 0: it does not.
-- raw: AT_RESERVE_END, LEN_TIME octets.
local function reserve_left(raw, now, created)
	local left = created + unpack_at('<i4', raw) - now
	return left > 0 and left <= RESERVE_MAX_MS and left or 0
end
-- Ends a verification: writes its tombstone, with the final state, the wrong guesses, and the time.
local function finish(key, rec, state, wrong, now, created)
	call('SET', key, pack(end_fields, byte(rec, 1), state, event(now, created), wrong) ..
		sub(rec, AT_DELIVERY + 1, state == LIFECYCLE_EXHAUSTED and TOMBSTONE_LIMITS_LEN or TOMBSTONE_LEN), 'KEEPTTL')
end
