-- release: KEYS o j; ARGV score fields -> 1 if it was handed back
-- fields: owner unsent reason generation.
-- Only the process that holds the lease can hand it back. Another process may have claimed it in the meantime, or a new
-- verification may have the record. The entry of a verification that has ended stays for a claim to remove.
-- A claim that is handed back does not count, so that repeated stops do not fail the message with REASON_POISON.
-- reason: why the process could not send a queued message. The record tells it until the message is submitted. 0: none.
-- unsent: 1 if this process never submitted the message. The owner is then cleared, which tells so to the next claim.
local owner, unsent, reason, generation = unpack_at(release_fields, ARGV[2])
local rec = read(KEYS[1], fixed_end)
if not rec or sub(rec, AT_OWNER + 1, AT_OWNER + LEN_OWNER) ~= owner then
	return 0
end
local state, delivery, _, _, _, _, _, _, own = head(rec, AT_SEALED)
if not state or own ~= generation then
	return 0
end
local claims = byte(rec, AT_CLAIMS + 1)
if claims > 0 then
	call('SETRANGE', KEYS[1], AT_CLAIMS, char(claims - 1))
end
if unsent == 1 then
	call('SETRANGE', KEYS[1], AT_OWNER, string.rep('\0', LEN_OWNER))
end
if reason > 0 and delivery == DELIVERY_QUEUED then
	call('SETRANGE', KEYS[1], AT_REASON, char(reason))
end
call('ZADD', KEYS[2], 'XX', ARGV[1], tuple_of(KEYS[1]))
return 1
