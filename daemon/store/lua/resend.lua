-- resend: KEYS o r j [k]; ARGV now generation tenant args equal_window limits deadline lease tuple sealed owner memory id
-- {0, record} granted | {1, id} replayed | {2, ms} wait | {3, ms} limited | {4, id} conflict | {5, gone, ms}
local now = tonumber(ARGV[1])
local got = redis.call('MGET', unpack(KEYS[4] and { KEYS[1], KEYS[2], KEYS[4] } or { KEYS[1], KEYS[2] }))
local rec, known = got[1], got[3]
if known then
	return { sub(known, 1, 15) == ARGV[4] and 1 or 4, sub(known, 16) }
end
local l = limits_of(ARGV[6])
local now_s = math.floor(now / 1000)
local sends, fails = counters(got[2], now_s, l.sends_win, l.fails_win)
local wait = send_wait(l, sends, fails, now)
local why = gone(rec, ARGV[2], ARGV[3], now)
if why ~= LIVE then
	return { 5, why, wait }
end
local sent_at = u64(rec, SENT)
if not KEYS[4] and sub(rec, ARGS + 1, ARGS + 15) == ARGV[4] and now - sent_at < tonumber(ARGV[5]) then
	return { 1, ARGV[13] }
end
local n = u8(rec, SENDS)
if n >= u8(rec, SENDS_MAX) then
	return { 2, u64(rec, EXPIRES) - now }
end
local pause = 0
for i = 0, math.min(n - 1, 7) do
	local w = (unpack_at('<I4', rec, WAITS + 4 * i + 1))
	pause = w > 0 and w or pause
end
if sent_at + pause > now then
	return { 2, sent_at + pause - now }
end
if wait > 0 then
	return { 3, wait }
end
rec = put(rec, DELIVERY, char(0, 0))
rec = put(rec, SENDS, char(n + 1))
rec = put(rec, CLAIMS, char(0))
rec = put(rec, DEADLINE, pack('<I8I8', tonumber(ARGV[7]), now))
rec = put(rec, OWNER, ARGV[11])
rec = put(rec, ARGS, ARGV[4])
if ARGV[10] ~= '' then
	rec = put(rec, SEALED, ARGV[10])
end
sends[#sends + 1] = now_s
redis.call('SET', KEYS[1], rec, 'KEEPTTL')
redis.call('SET', KEYS[2], counters_pack(sends, fails), 'PX', counters_px(l))
redis.call('ZADD', KEYS[3], ARGV[8], ARGV[9])
if KEYS[4] then
	redis.call('SET', KEYS[4], ARGV[4] .. ARGV[13], 'PX', ARGV[12])
end
return { 0, rec }
