-- mark: KEYS o [o ...] [j ...]; ARGV fields of all marks, one behind the other
-- Several marks in one call, because a call costs Redis more than a mark. See lib/marking.lua. The journals are those of
-- the marks that need one.
-- -> of one mark its result; of several an array of theirs, MARK_REFUSED for each that ended with an error, which holds
-- no other back
local fields = ARGV[1]
if #fields == LEN_MARK then
	return mark_one(KEYS, KEYS[1], fields, 1)
end
local results = {}
for i = 1, #fields / LEN_MARK do
	local done, marked = pcall(mark_one, KEYS, KEYS[i], fields, (i - 1) * LEN_MARK + 1)
	results[i] = done and marked or MARK_REFUSED
end
return results
