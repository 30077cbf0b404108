-- False for a value that another version wrote, or that was changed: it is left as it is.
local function readable(rec)
	local version, _, state, delivery, reason = byte(rec, AT_VERSION + 1, AT_REASON + 1)
	return #rec == RECORD_LEN and version == RECORD_VERSION and state < LIFECYCLE_STATES and delivery < DELIVERY_STATES and
		reason < REASON_COUNT
end
