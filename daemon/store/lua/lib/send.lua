-- What issue and resend have in common. KEYS o r j [k]; ARGV now keep args equal_window memory id lease tuple ...
-- r: the counters of the number at this tenant; those of known devices have the same key with "k" behind it.
-- args: a tag of the arguments. id: its text, which is remembered with args for the time memory if there is a REQID.
-- True if a request without a REQID says the same as the last one for this record, so that it gets the same answer.
local function is_equal(rec, now, KEYS, ARGV)
	return not KEYS[4] and sub(rec, AT_ARGS + 1, AT_ARGS + LEN_ARGS) == ARGV[3] and
		now - u64(rec, AT_SENT) < tonumber(ARGV[4]) and now >= u64(rec, AT_SENT) and byte(rec, AT_RETURNED + 1) == 0
end
-- Writes a send that was granted. px: the ms that a new record is kept; nil: the time of the old one.
local function write(KEYS, ARGV, rec, px, numbers, value)
	-- The write that may fail comes first, so that no send is counted without an entry.
	call('ZADD', KEYS[3], ARGV[7], ARGV[8])
	if px then
		call('SET', KEYS[1], rec, 'PX', px)
	else
		call('SET', KEYS[1], rec, 'KEEPTTL')
	end
	call('SET', numbers, value, 'EX', ARGV[2])
	if KEYS[4] then
		call('SET', KEYS[4], ARGV[3] .. ARGV[6], 'PX', ARGV[5])
	end
end
