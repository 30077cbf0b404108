-- Removes a send of which certainly no SMS came from the counters of its number, at most three times in the number's
-- short window. Returns true if it did; the caller must then change the record.
-- numbers: "r{pp}<number>"; cap: the key of the number over all tenants, or nil.
-- how: now, keep (text); sent: when the send was granted, ms; known: it was counted as one of a known device; current: it is
-- the last send of the record, which is given back only once; may: false if the caller knows that it must not be given
-- back.
local function give_back(rec, numbers, cap, how)
	local now, n = how.now, byte(rec, AT_SENDS + 1)
	-- The counters have the second rounded up, which may be one second later than the time in the record.
	local sent = math.ceil(math.min(how.sent, now) / 1000) + 1
	if not how.may or byte(rec, AT_STATE + 1) ~= LIFECYCLE_PENDING or n == 0 or
		how.current and byte(rec, AT_RETURNED + 1) == 1 then
		return false
	end
	-- The sends of a test number were not counted in the counters over all tenants.
	if math.floor(byte(rec, AT_ORIGIN + 1) / ORIGIN_TEST) % 2 == 1 then
		cap = nil
	end
	local function without_it(c)
		for i = #c.sends, 1, -1 do
			if c.sends[i] <= sent then
				table.remove(c.sends, i)
				break
			end
		end
		return c
	end
	numbers = numbers .. string.format('%02x%02x%02x%02x', byte(rec, AT_TENANT + 1, AT_TENANT + LEN_TENANT)) ..
		(how.known and 'k' or '')
	local raw, keep = call('MGET', numbers, cap or numbers), tonumber(how.keep)
	local c = without_it(counters(raw[1], now, keep))
	local _, short_s = unpack_at('<BI3', rec, AT_LIMITS + 1)
	if wait_of(c.returned, RETURNED_MAX, short_s, now) > 0 then
		return false
	end
	c.returned[#c.returned + 1] = c.at
	call('SETEX', numbers, how.keep, counters_pack(c))
	if cap and raw[2] then
		call('SET', cap, counters_pack(without_it(counters(raw[2], now, keep))), 'KEEPTTL')
	end
	return true
end
-- Changes the record after a send was given back. current: as above.
local function take_send(key, rec, current)
	local n = byte(rec, AT_SENDS + 1) - 1
	call('SETRANGE', key, AT_SENDS, char(n))
	call('SETRANGE', key, AT_WAIT, pack('<I2', (current or byte(rec, AT_RETURNED + 1) == 1) and 0 or wait_after(rec, n)))
	if current then
		call('SETRANGE', key, AT_RETURNED, '\1')
	end
end
