local LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED = 0, 1, 2, 3, 4, 5, 6
local function ended(state)
	return state == 1 and USED or state == 3 and EXHAUSTED or state == 4 and CANCELLED or state < 4 and EXPIRED or UNKNOWN
end
-- Why this id cannot be used; LIVE if it can.
local function gone(rec, generation, tenant, now)
	if not rec or #rec ~= RECORD_LEN or byte(rec, VERSION + 1) ~= 1 then
		return UNKNOWN
	end
	if sub(rec, TENANT + 1, TENANT + 4) ~= tenant then
		return DENIED
	end
	if sub(rec, GENERATION + 1, GENERATION + 18) ~= generation then
		if sub(rec, PREV_GENERATION + 1, PREV_GENERATION + 8) == sub(generation, 1, 8) then
			return ended(byte(rec, PREV_STATE + 1))
		end
		return UNKNOWN
	end
	local state = byte(rec, STATE + 1)
	if state == 0 and now < u64(rec, EXPIRES) then
		return LIVE
	end
	return ended(state)
end
-- The record's state, and when it ended, in place.
local function finish(key, rec, state, wrong, now)
	call('SETRANGE', key, STATE, char(state) .. sub(rec, DELIVERY + 1, WRONG) .. char(wrong) .. sub(rec, GUESSES + 1, ENDED) ..
		pack('<I8', now))
end
