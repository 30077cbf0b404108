-- The codes of a verification whose SMS have codes of their own. The MAC of the newest stands at AT_MAC, those of the
-- codes before it at the beginning of the tail, newest first. A code is valid as long as its MAC is there.
local function macs_of(rec)
	local macs, at = { sub(rec, AT_MAC + 1, AT_MAC + LEN_MAC) }, AT_SEALED + u16(rec, AT_SEALED_LEN)
	for i = 0, byte(rec, AT_MORE_MACS + 1) - 1 do
		macs[#macs + 1] = sub(rec, at + LEN_MAC * i + 1, at + LEN_MAC * (i + 1))
	end
	return macs
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
local function with_macs(rec, macs)
	local at, more = AT_SEALED + u16(rec, AT_SEALED_LEN), byte(rec, AT_MORE_MACS + 1)
	return sub(rec, 1, AT_MAC) .. macs[1] .. sub(rec, AT_MAC + LEN_MAC + 1, AT_MORE_MACS) .. char(#macs - 1) ..
		sub(rec, AT_MORE_MACS + 2, at) .. table.concat(macs, '', 2) .. sub(rec, at + LEN_MAC * more + 1)
end
-- The record of a live verification and its MACs, or nil.
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
-- An SMSC accepted the SMS with the code whose MAC begins so, which then replaces those before it: all, or with ORIGIN_OVERLAP all but the
-- last CODES_KEPT with itself. Codes after it are kept, because their SMS may arrive.
local function accept_code(key, first)
	local rec, macs = codes_of(key)
	local nth = rec and place_of(macs, first)
	if not nth then
		return
	end
	local last = byte(rec, AT_ORIGIN + 1) % ORIGIN_REPLACE >= ORIGIN_OVERLAP and nth + CODES_KEPT - 1 or nth
	if #macs > last then
		for i = #macs, last + 1, -1 do
			macs[i] = nil
		end
		call('SET', key, with_macs(rec, macs), 'KEEPTTL')
	end
end
-- Certainly no SMS brought the code whose MAC begins so (nil: the newest), so that it is taken away, if another is left. current: false if another send of the
-- verification goes on. The newest code then stays, because the payload has it, so that it may still be sent.
local function drop_code(key, first, current)
	local rec, macs = codes_of(key)
	local nth = rec and place_of(macs, first or macs[1])
	if not nth or #macs == 1 or nth == 1 and not current then
		return
	end
	table.remove(macs, nth)
	call('SET', key, with_macs(rec, macs), 'KEEPTTL')
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
	local origin, macs = byte(rec, AT_ORIGIN + 1), macs_of(rec)
	if flags >= ADDED_OWN then
		origin = origin % ORIGIN_OVERLAP
		origin = origin + (origin % 2 == 0 and ORIGIN_OWN_CODE or 0) + ORIGIN_REPLACE
	end
	table.insert(macs, 1, mac)
	rec = sub(rec, 1, AT_ORIGIN) .. char(origin) .. sub(rec, AT_ORIGIN + 2, AT_TAGS) .. string.rep('\0', LEN_TAG * RECORD_TAGS) ..
		sub(rec, AT_TAGS + LEN_TAG * RECORD_TAGS + 1)
	return with_macs(rec, macs)
end
