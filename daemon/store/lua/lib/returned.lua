-- Takes back from the counters of its number a send of which it is certain that no SMS came. Three times at most in the
-- number's short window. True if it did; the record is then to be written by the caller.
-- numbers: "r{pp}:<number>"; cap: the key of the number over all tenants, or nil. how: now, keep; sent: when it was granted,
-- ms; known: it was counted as one of a known device; current: it is the record's last send, which is given back once only;
-- may: nothing else forbids it.
local function give_back(rec, numbers, cap, how)
	local now, n = how.now, byte(rec, AT_SENDS + 1)
	-- Its time in the counters is that of the request, rounded up, and may be a second later than the record's.
	local sent = math.ceil(math.min(how.sent, now) / 1000) + 1
	if not how.may or byte(rec, AT_STATE + 1) ~= LIFECYCLE_PENDING or n == 0 or
		how.current and byte(rec, AT_RETURNED + 1) == 1 then
		return false
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
	local raw = call('MGET', numbers, cap or numbers)
	local c = without_it(counters(raw[1], now, how.keep))
	local _, short_s = unpack_at('<BI4', rec, AT_LIMITS + 1)
	if wait_of(c.returned, RETURNED_MAX, short_s, now) > 0 then
		return false
	end
	c.returned[#c.returned + 1] = c.at
	call('SET', numbers, counters_pack(c), 'EX', how.keep)
	if cap and raw[2] then
		call('SET', cap, counters_pack(without_it(counters(raw[2], now, how.keep))), 'KEEPTTL')
	end
	return true
end
