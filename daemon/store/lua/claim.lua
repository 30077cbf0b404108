-- claim: KEYS j; ARGV now lease max prefix owner mine keep numbers [cap]
-- -> {removed, unreadable, tuple, record, tuple, record ...}
-- prefix, numbers, cap: how the keys of records, of numbers ("r{pp}") and of numbers over all tenants begin. cap is
-- given only if there is a limit over all tenants.
-- mine = '1': first expires every lease that earlier processes of this instance hold, so that any process can claim it.
-- An owner is the instance (6 octets) and its process (2); see base/instance.h.
local now, max = tonumber(ARGV[1]), tonumber(ARGV[3])

-- True if an earlier process of this instance holds the lease.
local function left_over(rec)
	local owner = sub(rec, AT_OWNER + 1, AT_OWNER + LEN_OWNER)
	return owner ~= ARGV[5] and sub(owner, 1, OWNER_INSTANCE) == sub(ARGV[5], 1, OWNER_INSTANCE)
end

if ARGV[6] == '1' then
	local leased = call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')
	for i = 1, #leased do
		local rec = read_all(ARGV[4] .. leased[i])
		if rec and left_over(rec) then
			call('ZADD', KEYS[1], 'XX', ARGV[1], leased[i])
		end
	end
end

local members = call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, max)
local out, removed, unreadable = { 0, 0 }, 0, 0

-- What becomes of an entry: 'take', 'leave', or 'drop' with the reason for which its delivery failed.
local function judge(rec)
	if not rec then
		return 'drop', REASON_NONE
	end
	local state, delivery, told, _, _, _, _, created = whole(rec)
	if not state then
		return 'leave', REASON_NONE
	end
	-- An accepted or delivered message needs no submit. A failed one may need it, because the receipt of an earlier
	-- SMS can set "failed" while a resend waits.
	if state ~= LIFECYCLE_PENDING or delivery == DELIVERY_ACCEPTED or
		delivery == DELIVERY_DELIVERED then
		return 'drop', REASON_NONE
	end
	if now >= created + math.min(since(rec, AT_DEADLINE), since(rec, AT_HARD_END)) then
		-- A process that handed it back says why it could not be sent; see release.lua.
		return 'drop', delivery == DELIVERY_QUEUED and told == REASON_TEMPLATE and told or REASON_DEADLINE
	end
	if byte(rec, AT_CLAIMS + 1) >= CLAIMS_MAX then
		return 'drop', REASON_POISON
	end
	return 'take', REASON_NONE
end

for i = 1, #members do
	local key, rec = ARGV[4] .. members[i], read_all(ARGV[4] .. members[i])
	local what, reason = judge(rec)
	local handed_back = what ~= 'leave' and rec and
		sub(rec, AT_OWNER + 1, AT_OWNER + LEN_OWNER) == string.rep('\0', LEN_OWNER)
	if what == 'leave' then
		-- The entry stays for a version that can read it, and is due later so that it does not delay others.
		call('ZADD', KEYS[1], 'XX', now + UNREADABLE_AGAIN_MS, members[i])
		unreadable = unreadable + 1
	elseif what == 'take' then
		local claims = char(byte(rec, AT_CLAIMS + 1) + 1)
		call('SETRANGE', key, AT_CLAIMS, claims)
		call('SETRANGE', key, AT_OWNER, ARGV[5])
		if not handed_back then
			call('SETRANGE', key, AT_TAKEN_OVER, '\1')
		end
		call('ZADD', KEYS[1], 'XX', ARGV[2], members[i])
		out[#out + 1] = members[i]
		out[#out + 1] = rec
	else
		if reason ~= REASON_NONE then
			call('SETRANGE', key, AT_DELIVERY, char(DELIVERY_FAILED, reason))
		end
		-- Certainly no process submitted it: the last one handed it back unsent, and the deadline passed before
		-- another claim.
		local late = reason == REASON_DEADLINE or reason == REASON_TEMPLATE
		local unsent = late and handed_back and byte(rec, AT_TAKEN_OVER + 1) == 0 and
			byte(rec, AT_DELIVERY + 1) == DELIVERY_QUEUED and byte(rec, AT_FLAGS + 1) == 0
		if unsent then
			local number = sub(members[i], 1, 12)
			local done, back = pcall(give_back, rec, ARGV[8] .. number, ARGV[9] and ARGV[9] .. number, { now = now,
				keep = ARGV[7], sent = unpack_at('<I6', rec, AT_CREATED + 1) + since(rec, AT_SENT), known = byte(rec, AT_KNOWN + 1) == 1, current = true, may = true })
			if done and back then
				take_send(key, rec, true)
			end
		end
		call('ZREM', KEYS[1], members[i])
		removed = removed + 1
	end
end
out[1], out[2] = removed, unreadable
return out
