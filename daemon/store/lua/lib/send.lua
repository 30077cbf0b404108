-- What issue and resend have in common. KEYS o r j [k]; ARGV fields keep lease ...
-- r: the counters of the number at this tenant; those of known devices have the same key with "k" behind it.
-- fields: packed. The first are the second (rounded up), now and equal_window (ms); the last is args, a tag of the
-- arguments. With a REQID, ARGV[6] and ARGV[7] are memory and id: the text of the id is remembered with args for the
-- time memory.
-- True if a request without a REQID says the same as the last one for this record, so that it gets the same answer.
local function is_equal(rec, now, created, window, args)
	if sub(rec, AT_ARGS + 1, AT_ARGS + LEN_ARGS) ~= sub(args, 1, LEN_ARGS) or byte(rec, AT_RETURNED + 1) ~= 0 then
		return false
	end
	local ago = now - created - since(rec, AT_SENT)
	return ago >= 0 and ago < window
end
-- Writes a send that was granted. px: the ms that a new record is kept; nil: the time of the old one.
local function write(KEYS, ARGV, rec, px, numbers, value)
	-- The write that may fail comes first, so that no send is counted without an entry.
	call('ZADD', KEYS[3], ARGV[3], tuple_of(KEYS[1]))
	if px then
		call('PSETEX', KEYS[1], px, rec)
	else
		call('SET', KEYS[1], rec, 'KEEPTTL')
	end
	call('SETEX', numbers, ARGV[2], value)
	if KEYS[4] then
		call('PSETEX', KEYS[4], ARGV[6], sub(ARGV[1], -LEN_ONCE) .. ARGV[7])
	end
end
