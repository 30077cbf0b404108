-- The record (daemon/store/layout.h): AT_... are octets from 0. Times come from the caller (Redis time in ms): no script
-- asks for the time. Records are patched in place with SETRANGE: building them anew is what scripts cost.
local call, sub, byte, char, pack, unpack_at = redis.call, string.sub, string.byte, string.char, struct.pack, struct.unpack
local function u64(rec, at)
	return (unpack_at('<I8', rec, at + 1))
end
