-- release: KEYS o j; ARGV score tuple owner unsent generation -> 1 if it was handed back
-- Only by who holds it: another may have claimed it since, or a new verification may have taken its place. A claim that sent nothing is none: stops never make poison.
-- unsent: "1" if its holder never submitted it: then it has no owner, which tells that to who claims it next.
-- uses: layout readable
local rec = call('MGET', KEYS[1])[1]
if not rec or not readable(rec) or sub(rec, OWNER + 1, OWNER + 8) ~= ARGV[3] or
	sub(rec, GENERATION + 1, GENERATION + 18) ~= ARGV[5] then
	return 0
end
local claims = byte(rec, CLAIMS + 1)
if claims > 0 then
	call('SETRANGE', KEYS[1], CLAIMS, char(claims - 1))
end
if ARGV[4] == '1' then
	call('SETRANGE', KEYS[1], OWNER, string.rep('\0', 8))
end
call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[2])
return 1
