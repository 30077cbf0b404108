-- mark: KEYS o j [o j ...]; ARGV fields [fields ...]
-- Several marks in one call, because a call costs Redis more than a mark. See lib/marking.lua.
-- -> of one mark its result; of several an array of theirs, MARK_REFUSED for each that ended with an error, which holds
-- no other back
if #ARGV == 1 then
	return mark_one(KEYS[1], KEYS[2], ARGV[1])
end
local results = {}
for i = 1, #ARGV do
	local done, marked = pcall(mark_one, KEYS[2 * i - 1], KEYS[2 * i], ARGV[i])
	results[i] = done and marked or MARK_REFUSED
end
return results
