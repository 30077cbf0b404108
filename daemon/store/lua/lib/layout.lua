-- The layout of the record (daemon/store/record.h): offsets are octets from 0. Times come from the caller (Redis time in
-- ms): no script asks for the time. Records are patched in place with SETRANGE: building them anew is what scripts cost.
local VERSION, STATE, DELIVERY, REASON, WRONG, GUESSES, SENDS, SENDS_MAX, CLAIMS = 0, 2, 3, 4, 5, 6, 7, 8, 9
local FLAGS, PREV_STATE, KNOWN, SHAPE, REPEATS, RETURNED, TENANT, TTL, WAITS = 10, 11, 12, 13, 14, 15, 16, 20, 24
local EXPIRES, HARD_END, DEADLINE, SENT, ACCEPTED, ENDED = 64, 72, 80, 88, 96, 104
local OWNER, SMSC, ERROR, ARGS, TAKEN_OVER, GENERATION, PREV_GENERATION, PREV_ENDED = 112, 120, 152, 160, 175, 176, 194, 202
local MAC, LIMITS, TAGS, SEALED, RECORD_LEN = 208, 224, 244, 264, 616
-- A record that another version wrote, or whose octets are none of these, cannot be read: it is left as it is.
local RECORD_VERSION, STATE_LAST, DELIVERY_LAST, REASON_LAST = 2, 4, 5, 10
local call, sub, byte, char, pack, unpack_at = redis.call, string.sub, string.byte, string.char, struct.pack, struct.unpack
local function u64(rec, at)
	return (unpack_at('<I8', rec, at + 1))
end
