-- mark: KEYS o j; ARGV now generation delivery reason smsc error release doubtful tuple -> 1 if it moved the record
-- A record that is gone, or of another generation, is left alone; delivery moves only forward (otp/lifecycle.h).
local now = tonumber(ARGV[1])
local rec = redis.call('GET', KEYS[1])
if not rec or #rec ~= RECORD_LEN then
	if ARGV[7] == '1' then
		redis.call('ZREM', KEYS[2], ARGV[9])
	end
	return 0
end
if sub(rec, GENERATION + 1, GENERATION + 18) ~= ARGV[2] then
	return 0
end
local from, to, before = u8(rec, DELIVERY), tonumber(ARGV[3]), rec
local moves = to > from or (from == 2 and to ~= 2)
if moves then
	rec = put(rec, DELIVERY, char(to, tonumber(ARGV[4])))
	rec = put(rec, ERROR, ARGV[6])
end
if ARGV[5] ~= '' and (moves or to == 3) then
	rec = put(rec, SMSC, ARGV[5])
end
if ARGV[8] == '1' then
	rec = put(rec, FLAGS, char(1))
end
if to == 3 then
	local expires = math.min(now + (unpack_at('<I4', rec, TTL + 1)), u64(rec, HARD_END))
	if u8(rec, STATE) == 0 then
		local first = u64(rec, ACCEPTED) == 0
		rec = put(rec, EXPIRES, pack('<I8', first and expires or math.max(expires, u64(rec, EXPIRES))))
	end
	rec = put(rec, ACCEPTED, pack('<I8', now))
end
if rec ~= before then
	redis.call('SET', KEYS[1], rec, 'KEEPTTL')
end
if ARGV[7] == '1' then
	redis.call('ZREM', KEYS[2], ARGV[9])
end
return moves and 1 or 0
