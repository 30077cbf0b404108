-- claim: KEYS j; ARGV now lease max prefix owner mine -> {removed, tuple, record, tuple, record ...}
-- mine = '1': entries of this owner whatever their lease says.
local now = tonumber(ARGV[1])
local max = tonumber(ARGV[3])
local members
if ARGV[6] == '1' then
	members = redis.call('ZRANGE', KEYS[1], 0, -1)
else
	members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, max)
end
local out, removed = { 0 }, 0
for i = 1, #members do
	if #out >= 1 + 2 * max then
		break
	end
	local key = ARGV[4] .. members[i]
	local rec = redis.call('GET', key)
	local good = rec and #rec == RECORD_LEN
	local reason = 0
	if good and ARGV[6] == '1' and sub(rec, OWNER + 1, OWNER + 8) ~= ARGV[5] then
		good = nil
	elseif good and (u8(rec, STATE) ~= 0 or u8(rec, DELIVERY) > 2) then
		good = false
	elseif good and now >= math.min(u64(rec, DEADLINE), u64(rec, HARD_END)) then
		good, reason = false, 1
	elseif good and u8(rec, CLAIMS) >= 5 then
		good, reason = false, 9
	end
	if good then
		rec = put(put(rec, CLAIMS, char(u8(rec, CLAIMS) + 1)), OWNER, ARGV[5])
		redis.call('SET', key, rec, 'KEEPTTL')
		redis.call('ZADD', KEYS[1], 'XX', ARGV[2], members[i])
		out[#out + 1] = members[i]
		out[#out + 1] = rec
	elseif good == false or not rec then
		if reason > 0 then
			redis.call('SET', key, put(rec, DELIVERY, char(4, reason)), 'KEEPTTL')
		end
		redis.call('ZREM', KEYS[1], members[i])
		removed = removed + 1
	end
end
out[1] = removed
return out
