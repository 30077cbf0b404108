-- release: KEYS o j; ARGV score tuple owner unsent generation -> 1 if it was handed back
-- Only by who holds it: another may have claimed it since, or a new verification may have taken its place.
-- A claim that sent nothing is none: stops never make poison.
-- unsent: "1" if its holder never submitted it: then it has no owner, which tells that to who claims it next.
-- uses: layout readable
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
