-- claim: KEYS j; ARGV now lease max prefix owner mine -> {removed, tuple, record, tuple, record ...}
-- mine = '1': entries of this owner whatever their lease says.
-- uses: layout
local now, max, mine = tonumber(ARGV[1]), tonumber(ARGV[3]), ARGV[6] == '1'
local members = mine and call('ZRANGE', KEYS[1], 0, -1) or call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, max)
local out, removed = { 0 }, 0

-- What becomes of an entry: 'take', 'leave', or 'drop' with the reason its delivery failed for (0: it needs none).
local function judge(rec)
	if not rec or #rec ~= RECORD_LEN then
		return 'drop', 0
	end
	if mine and sub(rec, OWNER + 1, OWNER + 8) ~= ARGV[5] then
		return 'leave', 0
	end
	if byte(rec, STATE + 1) ~= 0 or byte(rec, DELIVERY + 1) > 2 then
		return 'drop', 0
	end
	if now >= math.min(u64(rec, DEADLINE), u64(rec, HARD_END)) then
		return 'drop', 1
	end
	if byte(rec, CLAIMS + 1) >= 5 then
		return 'drop', 9
	end
	return 'take', 0
end

for i = 1, #members do
	if #out >= 1 + 2 * max then
		break
	end
	local key = ARGV[4] .. members[i]
	-- MGET, not GET: a key of another type is nil to it and does not end the script between two writes.
	local rec = call('MGET', key)[1]
	local what, reason = judge(rec)
	if what == 'take' then
		local claims = char(byte(rec, CLAIMS + 1) + 1)
		call('SETRANGE', key, CLAIMS, claims)
		call('SETRANGE', key, OWNER, ARGV[5])
		call('ZADD', KEYS[1], 'XX', ARGV[2], members[i])
		out[#out + 1] = members[i]
		out[#out + 1] = rec
	elseif what == 'drop' then
		if reason > 0 then
			call('SETRANGE', key, DELIVERY, char(4, reason))
		end
		call('ZREM', KEYS[1], members[i])
		removed = removed + 1
	end
end
out[1] = removed
return out
