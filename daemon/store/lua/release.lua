-- release: KEYS o j; ARGV score tuple owner -> 1 if it was handed back
-- Only by who holds it: another may have claimed it since. A claim that sent nothing is none: stops never make poison. It
-- has no owner then, which tells who claims it next that it was not submitted by the one before.
-- uses: layout readable
local rec = call('MGET', KEYS[1])[1]
if not rec or not readable(rec) or sub(rec, OWNER + 1, OWNER + 8) ~= ARGV[3] then
	return 0
end
local claims = byte(rec, CLAIMS + 1)
if claims > 0 then
	call('SETRANGE', KEYS[1], CLAIMS, char(claims - 1))
end
call('SETRANGE', KEYS[1], OWNER, string.rep('\0', 8))
call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[2])
return 1
