-- Gives a send back of which it is certain that no SMS came of it: its wait, its place among the verification's sends, and
-- its share of the number's limits. Once per send, and three times at most in the number's short window. True if it did.
-- numbers: "r{pp}:<number>"; cap: the key of the number over all tenants, or nil.
local function give_back(key, rec, numbers, cap, now, keep)
	local n, sent = byte(rec, SENDS + 1), math.ceil(u64(rec, SENT) / 1000)
	if byte(rec, STATE + 1) ~= 0 or byte(rec, RETURNED + 1) == 1 or n == 0 then
		return false
	end
	local function without_it(c)
		for i = #c.sends, 1, -1 do
			if c.sends[i] == sent then
				table.remove(c.sends, i)
				break
			end
		end
		return c
	end
	numbers = numbers .. string.format('%02x%02x%02x%02x', byte(rec, TENANT + 1, TENANT + 4)) ..
		(byte(rec, KNOWN + 1) == 1 and 'k' or '')
	local raw = call('MGET', numbers, cap or numbers)
	local c = without_it(counters(raw[1], now, keep))
	local _, short_s = unpack_at('<BI4', rec, LIMITS + 1)
	if wait_of(c.returned, 3, short_s, now) > 0 then
		return false
	end
	c.returned[#c.returned + 1] = c.at
	call('SET', numbers, counters_pack(c), 'EX', keep)
	if cap and raw[2] then
		call('SET', cap, counters_pack(without_it(counters(raw[2], now, keep))), 'KEEPTTL')
	end
	call('SETRANGE', key, SENDS, char(n - 1))
	call('SETRANGE', key, RETURNED, '\1')
	return true
end
