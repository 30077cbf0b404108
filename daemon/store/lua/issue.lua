-- create: KEYS o r j [k]; ARGV now record px lease tuple args equal_window limits memory id
-- {0} created | {1, id or record} replayed | {2, record} live | {3, ms} limited | {4, id} conflict
local now = tonumber(ARGV[1])
local got = redis.call('MGET', unpack(KEYS[4] and { KEYS[1], KEYS[2], KEYS[4] } or { KEYS[1], KEYS[2] }))
local rec, known = got[1], got[3]
if known then
	return { sub(known, 1, 15) == ARGV[6] and 1 or 4, sub(known, 16) }
end
local new = ARGV[2]
if rec and #rec == RECORD_LEN then
	local state = u8(rec, STATE)
	if state == 0 and now < u64(rec, EXPIRES) then
		if not KEYS[4] and sub(rec, ARGS + 1, ARGS + 15) == ARGV[6] and now - u64(rec, SENT) < tonumber(ARGV[7]) then
			return { 1, rec }
		end
		return { 2, rec }
	end
	new = put(put(new, PREV_STATE, char(state == 0 and 2 or state)), PREV_GENERATION, sub(rec, GENERATION + 1, GENERATION + 8))
end
local l = limits_of(ARGV[8])
local now_s = math.floor(now / 1000)
local sends, fails = counters(got[2], now_s, l.sends_win, l.fails_win)
local wait = send_wait(l, sends, fails, now)
if wait > 0 then
	return { 3, wait }
end
sends[#sends + 1] = now_s
redis.call('SET', KEYS[1], new, 'PX', ARGV[3])
redis.call('SET', KEYS[2], counters_pack(sends, fails), 'PX', counters_px(l))
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[5])
if KEYS[4] then
	redis.call('SET', KEYS[4], ARGV[6] .. ARGV[10], 'PX', ARGV[9])
end
return { 0 }
