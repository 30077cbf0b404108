-- source: KEYS w; ARGV fields -> 1 if the token of this number may be looked up, otherwise 0
-- fields: now count window back.
-- Counts a token before it is looked up, so that many at once are not more than allowed. back 1: gives the newest back,
-- because it was right.
local now, count, window, back = unpack_at(source_fields, ARGV[1])
local key = KEYS[1]
local c = counters(call('MGET', key)[1], now, window)
if back == 1 then
	table.remove(c.sends)
elseif wait_of(c.sends, count, window, now) > 0 then
	return 0
else
	c.sends[#c.sends + 1] = c.at
end
keep_counters(key, c, window)
return 1
