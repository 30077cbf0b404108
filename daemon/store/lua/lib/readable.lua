-- False for a record that another version wrote, or that was changed. Functions do not change such a record.
local function readable(rec)
	local version, _, state, delivery, reason = byte(rec, AT_VERSION + 1, AT_REASON + 1)
	return #rec == RECORD_LEN and version >= RECORD_OLDEST and version <= RECORD_NEWEST and state < LIFECYCLE_STATES and delivery < DELIVERY_STATES and
		reason < REASON_COUNT
end
