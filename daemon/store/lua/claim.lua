-- claim: KEYS j; ARGV now lease max prefix owner mine -> {removed, tuple, record, tuple, record ...}
-- mine = '1': before all else, what former lives of this owner hold falls due, for whoever has room for it.
-- An owner is who (6 octets), and which life of it (2): see base/instance.h.
-- uses: layout
local now, max = tonumber(ARGV[1]), tonumber(ARGV[3])

-- MGET, not GET: a key of another type is nil to it and does not end the script between two writes.
local function record(member)
	local rec = call('MGET', ARGV[4] .. member)[1]
	return rec and #rec == RECORD_LEN and rec
end

-- Of a life before this one: what this life holds is under way, and what others hold is theirs.
local function left_over(rec)
	local owner = sub(rec, OWNER + 1, OWNER + 8)
	return owner ~= ARGV[5] and sub(owner, 1, 6) == sub(ARGV[5], 1, 6)
end

if ARGV[6] == '1' then
	local leased = call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')
	for i = 1, #leased do
		local rec = record(leased[i])
		if rec and left_over(rec) then
			call('ZADD', KEYS[1], 'XX', ARGV[1], leased[i])
		end
	end
end

local members = call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, max)
local out, removed = { 0 }, 0

-- What becomes of an entry: 'take', or 'drop' with the reason its delivery failed for (0: it needs none).
local function judge(rec)
	if not rec then
		return 'drop', 0
	end
	-- Failed, and yet owed: a receipt told of an SMS before, while a resend waits. Accepted, delivered: that one does.
	local delivery = byte(rec, DELIVERY + 1)
	if byte(rec, STATE + 1) ~= 0 or delivery == 3 or delivery == 5 then
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
	local key, rec = ARGV[4] .. members[i], record(members[i])
	local what, reason = judge(rec)
	if what == 'take' then
		local claims = char(byte(rec, CLAIMS + 1) + 1)
		call('SETRANGE', key, CLAIMS, claims)
		call('SETRANGE', key, OWNER, ARGV[5])
		call('ZADD', KEYS[1], 'XX', ARGV[2], members[i])
		out[#out + 1] = members[i]
		out[#out + 1] = rec
	else
		if reason > 0 then
			call('SETRANGE', key, DELIVERY, char(4, reason))
		end
		call('ZREM', KEYS[1], members[i])
		removed = removed + 1
	end
end
out[1] = removed
return out
