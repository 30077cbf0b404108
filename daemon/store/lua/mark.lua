-- mark: KEYS o j [o j ...]; ARGV fields of all marks, one behind the other
-- Several marks in one call, because a call costs Redis more than a mark. See lib/marking.lua.
-- -> of one mark its result; of several an array of theirs, MARK_REFUSED for each that ended with an error, which holds
-- no other back
if #KEYS == 2 then
	return mark_one(KEYS[1], KEYS[2], ARGV[1], 1)
end
local results = {}
for i = 1, #KEYS / 2 do
	local done, marked = pcall(mark_one, KEYS[2 * i - 1], KEYS[2 * i], ARGV[1], (i - 1) * LEN_MARK + 1)
	results[i] = done and marked or MARK_REFUSED
end
return results
