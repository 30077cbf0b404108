-- The counters that a send is charged to, and the ms for which limits of sends forbid it.
-- numbers, raw: the key of the number's counters and its value. ARGV[8] to ARGV[10]: the limit over all tenants: key,
-- count, window; nil if there is no such limit.
local function charge_of(rec, numbers, raw, ARGV, now)
	local keep = tonumber(ARGV[2])
	local charge = { numbers = numbers, c = counters(raw, now, keep), cap = ARGV[8] }
	charge.wait = sends_wait(rec, charge.c, now)
	if charge.cap then
		charge.all = counters(call('MGET', charge.cap)[1], now, keep)
		charge.wait = math.max(charge.wait, wait_of(charge.all.sends, tonumber(ARGV[9]), tonumber(ARGV[10]), now))
	end
	return charge
end
local function charge_refused(charge, ARGV)
	keep_clamped(charge.numbers, charge.c, ARGV[2])
	keep_clamped(charge.cap, charge.all, ARGV[2])
end
local function charge_granted(charge, KEYS, ARGV, rec, px)
	local c, all = charge.c, charge.all
	c.sends[#c.sends + 1] = c.at
	write(KEYS, ARGV, rec, px, charge.numbers, counters_pack(c))
	if all then
		all.sends[#all.sends + 1] = all.at
		call('SETEX', charge.cap, ARGV[2], counters_pack(all))
	end
end
