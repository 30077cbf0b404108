local LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED, UNREADABLE = 0, 1, 2, 3, 4, 5, 6, 7
local function ended(state)
	return state == 1 and USED or state == 3 and EXHAUSTED or state == 4 and CANCELLED or state < 4 and EXPIRED or UNKNOWN
end
-- Why this id cannot be used, LIVE if it can; and the ms since it was used.
local function gone(rec, generation, tenant, now)
	if not rec then
		return UNKNOWN, 0
	end
	-- As in lib/readable.lua.
	local version, _, state, delivery, reason = byte(rec, 1, 5)
	if #rec ~= RECORD_LEN or version ~= RECORD_VERSION or state > STATE_LAST or delivery > DELIVERY_LAST or
		reason > REASON_LAST then
		return UNREADABLE, 0
	end
	if sub(rec, TENANT + 1, TENANT + 4) ~= tenant then
		return DENIED, 0
	end
	local at = 0
	if sub(rec, GENERATION + 1, GENERATION + 18) ~= generation then
		if sub(rec, PREV_GENERATION + 1, PREV_GENERATION + 8) ~= sub(generation, 1, 8) then
			return UNKNOWN, 0
		end
		state, at = byte(rec, PREV_STATE + 1), (unpack_at('<I4', rec, PREV_ENDED + 1)) * 1000
	elseif state == 0 and now < u64(rec, EXPIRES) then
		return LIVE, 0
	else
		at = u64(rec, ENDED)
	end
	local why = ended(state)
	return why, why == USED and math.max(now - at, 0) or 0
end
-- The record's state, and when it ended, in place.
local function finish(key, rec, state, wrong, now)
	call('SETRANGE', key, STATE, char(state) .. sub(rec, DELIVERY + 1, WRONG) .. char(wrong) .. sub(rec, GUESSES + 1, ENDED) ..
		pack('<I8', now))
end
