-- create: KEYS o r j [k]; ARGV now record px lease tuple args equal_window limits memory id
-- {0} created | {1, id or record} replayed | {2, record} live | {3, ms} limited | {4, id} conflict
-- uses: layout counters
local now, once = tonumber(ARGV[1]), KEYS[4]
local got = once and call('MGET', KEYS[1], KEYS[2], once) or call('MGET', KEYS[1], KEYS[2])
local rec, known = got[1], got[3]
if known then
	return { sub(known, 1, 15) == ARGV[6] and 1 or 4, sub(known, 16) }
end
local new = ARGV[2]
if rec and #rec == RECORD_LEN then
	local state = byte(rec, STATE + 1)
	if state == 0 and now < u64(rec, EXPIRES) then
		if not once and sub(rec, ARGS + 1, ARGS + 15) == ARGV[6] and now - u64(rec, SENT) < tonumber(ARGV[7]) then
			return { 1, rec }
		end
		return { 2, rec }
	end
	new = sub(new, 1, PREV_STATE) .. char(state == 0 and 2 or state) .. sub(new, PREV_STATE + 2, PREV_GENERATION) ..
		sub(rec, GENERATION + 1, GENERATION + 8) .. sub(new, PREV_GENERATION + 9)
end
local ss, ssw, sl, slw, fs, fsw, fl, flw = unpack_at('<I4I4I4I4I4I4I4I4', ARGV[8])
local now_s = math.floor(now / 1000)
local raw = got[2]
local value
if raw then
	local sends, fails = counters(raw, now_s, math.max(ssw, slw), math.max(fsw, flw))
	local wait = math.max(wait_of(sends, ss, ssw, now), wait_of(sends, sl, slw, now), wait_of(fails, fs, fsw, now),
		wait_of(fails, fl, flw, now))
	if wait > 0 then
		return { 3, wait }
	end
	sends[#sends + 1] = now_s
	value = counters_pack(sends, fails)
else
	value = pack('<BI4', 1, now_s)
end
call('SET', KEYS[1], new, 'PX', ARGV[3])
call('SET', KEYS[2], value, 'EX', math.max(ssw, slw, fsw, flw))
call('ZADD', KEYS[3], ARGV[4], ARGV[5])
if once then
	call('SET', once, ARGV[6] .. ARGV[10], 'PX', ARGV[9])
end
return { 0 }
