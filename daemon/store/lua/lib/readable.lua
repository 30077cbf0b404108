-- False for a value that another version wrote, or that was changed: it is left as it is.
local function readable(rec)
	local version, _, state, delivery, reason = byte(rec, 1, 5)
	return #rec == RECORD_LEN and version == 2 and state < 5 and delivery < 6 and reason < 11
end
