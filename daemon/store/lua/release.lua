-- release: KEYS o j; ARGV score tuple owner unsent generation -> 1 if it was handed back
-- Only the process that holds the lease can hand it back. Another process may have claimed it in the meantime, or a new
-- verification may have the record.
-- A claim that is handed back does not count, so that repeated stops do not fail the message with REASON_POISON.
-- unsent: "1" if this process never submitted the message. The owner is then cleared, which tells so to the next claim.
local rec = call('MGET', KEYS[1])[1]
if not rec or not readable(rec) or sub(rec, AT_OWNER + 1, AT_OWNER + LEN_OWNER) ~= ARGV[3] or
	sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_GENERATION) ~= ARGV[5] then
	return 0
end
local claims = byte(rec, AT_CLAIMS + 1)
if claims > 0 then
	call('SETRANGE', KEYS[1], AT_CLAIMS, char(claims - 1))
end
if ARGV[4] == '1' then
	call('SETRANGE', KEYS[1], AT_OWNER, string.rep('\0', LEN_OWNER))
end
call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[2])
return 1
