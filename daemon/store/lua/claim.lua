-- claim: KEYS j; ARGV now lease max prefix owner mine keep numbers [cap]
-- -> {removed, unreadable, tuple, record, tuple, record ...}
-- prefix, numbers, cap: of the keys of records, of numbers ("r{pp}:"), of numbers over all tenants (with that limit).
-- mine = '1': before all else, what earlier processes of this instance hold falls due, for whoever has room for it.
-- An owner is the instance (6 octets) and its process (2): see base/instance.h.
-- uses: layout readable counters returned
local now, max = tonumber(ARGV[1]), tonumber(ARGV[3])
local UNREADABLE_AGAIN_MS = 60000

-- MGET, not GET: a key of another type is nil to it and does not end the script between two writes.
local function record(member)
	return call('MGET', ARGV[4] .. member)[1]
end

-- Held by an earlier process of this instance: what this process holds is under way, and what others hold is theirs.
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
local out, removed, unreadable = { 0, 0 }, 0, 0

-- What becomes of an entry: 'take', 'leave', or 'drop' with the reason its delivery failed for (0: it needs none).
local function judge(rec)
	if not rec then
		return 'drop', 0
	end
	if not readable(rec) then
		return 'leave', 0
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
	local handed_back = what ~= 'leave' and rec and sub(rec, OWNER + 1, OWNER + 8) == string.rep('\0', 8)
	if what == 'leave' then
		-- It keeps its place for who can read it, and keeps nobody else waiting.
		call('ZADD', KEYS[1], 'XX', now + UNREADABLE_AGAIN_MS, members[i])
		unreadable = unreadable + 1
	elseif what == 'take' then
		local claims = char(byte(rec, CLAIMS + 1) + 1)
		call('SETRANGE', key, CLAIMS, claims)
		call('SETRANGE', key, OWNER, ARGV[5])
		if not handed_back then
			call('SETRANGE', key, TAKEN_OVER, '\1')
		end
		call('ZADD', KEYS[1], 'XX', ARGV[2], members[i])
		out[#out + 1] = members[i]
		out[#out + 1] = rec
	else
		if reason > 0 then
			call('SETRANGE', key, DELIVERY, char(4, reason))
		end
		-- Nobody submitted it: who held it last handed it back, and the deadline passed while nobody had it.
		local unsent = reason == 1 and handed_back and byte(rec, TAKEN_OVER + 1) == 0 and byte(rec, DELIVERY + 1) == 0 and
			byte(rec, FLAGS + 1) == 0
		if unsent then
			local number = sub(members[i], 1, 12)
			local done, back = pcall(give_back, rec, ARGV[8] .. number, ARGV[9] and ARGV[9] .. number, { now = now,
				keep = tonumber(ARGV[7]), sent = u64(rec, SENT), known = byte(rec, KNOWN + 1) == 1, current = true, may = true })
			if done and back then
				call('SETRANGE', key, SENDS, char(byte(rec, SENDS + 1) - 1))
				call('SETRANGE', key, RETURNED, '\1')
			end
		end
		call('ZREM', KEYS[1], members[i])
		removed = removed + 1
	end
end
out[1], out[2] = removed, unreadable
return out
