-- AT_... are offsets in the record from 0; see daemon/store/layout.h. The caller gives the time (Redis time in ms), so
-- that no function asks for it. Records are changed in place with SETRANGE, because building them anew costs the most
-- time.
local call, sub, byte, char, pack, unpack_at
-- A library that is loaded sees no globals, so they are taken at its first call.
local function take_globals()
	call, sub, byte, char, pack, unpack_at = redis.call, string.sub, string.byte, string.char, struct.pack, struct.unpack
end
local function u64(rec, at)
	return (unpack_at('<I8', rec, at + 1))
end
