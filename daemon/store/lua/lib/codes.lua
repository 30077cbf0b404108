-- The codes of a verification whose SMS have codes of their own. A code is valid as long as its MAC is in the record.
-- AT_MAC has that of the newest. After the first new code the tail begins with all of them, newest first, each with an
-- octet that is 1 if an SMSC accepted an SMS with it. A single code is accepted if AT_ACCEPTED says so.
-- True if the SMS of a record may bring codes of their own.
local function has_codes(rec)
	return byte(rec, AT_ORIGIN + 1) % (2 * ORIGIN_CODES) >= ORIGIN_CODES
end
-- Returns the MACs, newest first, and which are accepted.
local function macs_of(rec)
	local macs, taken, at = {}, {}, AT_SEALED + u16(rec, AT_SEALED_LEN)
	for i = 1, byte(rec, AT_MACS + 1) % MACS_OVERLAP do
		macs[i], taken[i] = sub(rec, at + 1, at + LEN_MAC), byte(rec, at + LEN_KEPT_MAC) == 1
		at = at + LEN_KEPT_MAC
	end
	if #macs == 0 then
		return { sub(rec, AT_MAC + 1, AT_MAC + LEN_MAC) }, { since(rec, AT_ACCEPTED) ~= 0 }
	end
	return macs, taken
end
-- Returns which of the codes has a MAC that begins so, from 1, or nil. If it was sent twice, the later send counts.
local function place_of(macs, first)
	for i = 1, #macs do
		if sub(macs[i], 1, #first) == first then
			return i
		end
	end
	return nil
end
-- The record with these MACs instead of those that it has.
local function with_macs(rec, macs, taken)
	local at, tail, count = AT_SEALED + u16(rec, AT_SEALED_LEN), {}, byte(rec, AT_MACS + 1)
	for i = 1, #macs > 1 and #macs or 0 do
		tail[i] = macs[i] .. char(taken[i] and 1 or 0)
	end
	return sub(rec, 1, AT_MAC) .. macs[1] .. sub(rec, AT_MAC + LEN_MAC + 1, AT_MACS) .. char(count - count % MACS_OVERLAP + #tail) ..
		sub(rec, AT_MACS + 2, at) .. table.concat(tail) .. sub(rec, at + LEN_KEPT_MAC * (count % MACS_OVERLAP) + 1)
end
-- The record of a live verification, its MACs, and which are accepted; or nil.
local function codes_of(key)
	local rec = read_all(key)
	if not rec or whole(rec) ~= LIFECYCLE_PENDING then
		return nil
	end
	return rec, macs_of(rec)
end
-- True if the MAC is that of a code before the newest.
local function is_former(key, mac)
	local rec, macs = codes_of(key)
	return rec and place_of(macs, mac) ~= nil
end
-- An SMSC accepted the SMS with the code whose MAC begins so. Of the accepted codes the newest stays, or with
-- MACS_OVERLAP the newest CODES_KEPT. Codes before these end. Others that no SMSC accepted are kept, because their SMS
-- may have arrived.
local function accept_code(key, first)
	local rec, macs, taken = codes_of(key)
	local nth = rec and place_of(macs, first)
	if not nth or #macs == 1 then
		return
	end
	taken[nth] = true
	local left = byte(rec, AT_MACS + 1) >= MACS_OVERLAP and CODES_KEPT or 1
	for i = 1, #macs do
		if left == 0 then
			macs[i] = nil
		elseif taken[i] then
			left = left - 1
		end
	end
	call('SET', key, with_macs(rec, macs, taken), 'KEEPTTL')
end
-- Takes away the code whose MAC begins so (nil: the newest), because certainly no SMS brought it. The only code stays.
-- current: false if another send of the verification goes on; then the newest code stays, because the payload has it and
-- its SMS may still be sent.
local function drop_code(key, first, current)
	local rec, macs, taken = codes_of(key)
	local nth = rec and place_of(macs, first or macs[1])
	if not nth or #macs == 1 or nth == 1 and not current then
		return
	end
	table.remove(macs, nth)
	table.remove(taken, nth)
	call('SET', key, with_macs(rec, macs, taken), 'KEEPTTL')
end
-- The two characters after these, so that the SMS of a verification have different ones: the step and the number of
-- pairs, 625, have no common divisor.
local function next_ref(ref)
	local set = '34679ACDEFGHJKMNPQRTUVWXY'
	local first, second = string.find(set, sub(ref, 1, 1), 1, true) or 1, string.find(set, sub(ref, 2), 1, true) or 1
	local n = ((first - 1) * 25 + second - 1 + 263) % 625
	local i, j = math.floor(n / 25) + 1, n % 25 + 1
	return sub(set, i, i) .. sub(set, j, j)
end
-- The record of a granted resend with what the resend adds: LEN_ADDED octets, or none. A new code is valid from now on,
-- beside all others. The tags of wrong guesses are emptied, because they were judged by other codes.
local function add_code(rec, added)
	local flags, ref, mac = byte(added, 1) or 0, sub(added, 2, 1 + LEN_REF), sub(added, 2 + LEN_REF)
	local empty, was = string.rep('\0', LEN_REF), sub(rec, AT_REF + 1, AT_REF + LEN_REF)
	if was ~= empty and ref ~= empty then
		ref = next_ref(was)
	elseif flags % 2 == 0 and ref == '' then
		return rec
	end
	rec = sub(rec, 1, AT_REF) .. ref .. sub(rec, AT_REF + LEN_REF + 1)
	if flags % 2 == 0 then
		return rec
	end
	local macs, taken = macs_of(rec)
	if flags >= ADDED_OWN then
		-- From now on each code replaces the others.
		local origin, count = byte(rec, AT_ORIGIN + 1), byte(rec, AT_MACS + 1) % MACS_OVERLAP
		origin = origin + (origin % (2 * ORIGIN_OWN) < ORIGIN_OWN and ORIGIN_OWN or 0) + (has_codes(rec) and 0 or ORIGIN_CODES)
		rec = sub(rec, 1, AT_ORIGIN) .. char(origin) .. sub(rec, AT_ORIGIN + 2, AT_MACS) .. char(count) .. sub(rec, AT_MACS + 2)
	end
	table.insert(macs, 1, mac)
	table.insert(taken, 1, false)
	rec = sub(rec, 1, AT_TAGS) .. string.rep('\0', LEN_TAG * RECORD_TAGS) .. sub(rec, AT_TAGS + LEN_TAG * RECORD_TAGS + 1)
	return with_macs(rec, macs, taken)
end
