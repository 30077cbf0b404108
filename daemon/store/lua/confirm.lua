-- confirm: KEYS o; ARGV fields -> enum store_confirmed
-- fields: now smsc generation number.
-- A token came from a number, sealed. The seal of a number for an id is always the same, so two can be compared.
-- The record keeps the number, and the SMSC that brought the message. A repeated message changes nothing.
local now, smsc, generation, rest, number = unpack_at(confirm_fields, ARGV[1])
local rec = read(KEYS[1], guess_end)
if not rec then
	return STORE_CONFIRM_ENDED
end
local state, _, _, _, _, expires, _, created, own, _, _, _ = head(rec, READ_GUESS)
if not state or own ~= generation or byte(rec, AT_ORIGIN + 1) % (2 * ORIGIN_REVERSE) < ORIGIN_REVERSE then
	return STORE_CONFIRM_ENDED
end
local held = sub(rec, AT_NUMBER + 1, AT_NUMBER + LEN_NUMBER)
if state == LIFECYCLE_VERIFIED then
	return held == number and STORE_CONFIRM_REPEATED or STORE_CONFIRM_NUMBER
end
if state ~= LIFECYCLE_PENDING or now >= created + expires or
	sub(rec, AT_GENERATION_REST + 1, AT_GENERATION_REST + LEN_GENERATION_REST) ~= rest then
	return STORE_CONFIRM_ENDED
end
if held ~= number and held ~= string.rep('\0', LEN_NUMBER) then
	return STORE_CONFIRM_NUMBER
end
rec = sub(rec, 1, AT_SMSC) .. pack('<I2', smsc) .. sub(rec, AT_EXPIRES + 1, AT_NUMBER) .. number ..
	sub(rec, AT_NUMBER + LEN_NUMBER + 1)
finish(KEYS[1], rec, LIFECYCLE_VERIFIED, 0, now, created)
return STORE_CONFIRM_VERIFIED
