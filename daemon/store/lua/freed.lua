-- freed: KEYS o; ARGV fields -> 1 if it was changed
-- fields: the first octets of the generation.
-- The successor of a redirected verification has ended, so that its own number may be asked for again: its tombstone
-- does not hold back a new verification any more.
local generation = unpack_at(freed_fields, ARGV[1])
local rec = read(KEYS[1], fixed_end)
if not rec then
	return 0
end
local state, _, _, _, _, _, _, _, own = head(rec, AT_SEALED)
if not state or own ~= generation or byte(rec, AT_ORIGIN + 1) < ORIGIN_REDIRECTED or state == LIFECYCLE_PENDING then
	return 0
end
call('SETRANGE', KEYS[1], AT_EXPIRES, pack('<i4', 0))
return 1
