-- False for a value that another version wrote, or that was changed: it is left as it is.
local function readable(rec)
	local version, _, state, delivery, reason = byte(rec, 1, 5)
	return #rec == RECORD_LEN and version == RECORD_VERSION and state <= STATE_LAST and delivery <= DELIVERY_LAST and
		reason <= REASON_LAST
end
