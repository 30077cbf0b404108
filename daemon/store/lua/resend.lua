-- resend: KEYS o r j [k]; ARGV now generation tenant args equal_window limits deadline lease tuple sealed owner memory id
-- {0, record} granted | {1, id} replayed | {2, ms} wait | {3, ms} limited | {4, id} conflict | {5, gone, ms}
-- uses: layout gone counters
local now, once = tonumber(ARGV[1]), KEYS[4]
local got = once and call('MGET', KEYS[1], KEYS[2], once) or call('MGET', KEYS[1], KEYS[2])
local rec, known = got[1], got[3]
if known then
	return { sub(known, 1, 15) == ARGV[4] and 1 or 4, sub(known, 16) }
end
local ss, ssw, sl, slw, fs, fsw, fl, flw = unpack_at('<I4I4I4I4I4I4I4I4', ARGV[6])
local now_s = math.floor(now / 1000)
local sends, fails = counters(got[2], now_s, math.max(ssw, slw), math.max(fsw, flw))
local wait = math.max(wait_of(sends, ss, ssw, now), wait_of(sends, sl, slw, now), wait_of(fails, fs, fsw, now),
	wait_of(fails, fl, flw, now))
local why = gone(rec, ARGV[2], ARGV[3], now)
if why ~= LIVE then
	return { 5, why, wait }
end
local sent_at = u64(rec, SENT)
if not once and sub(rec, ARGS + 1, ARGS + 15) == ARGV[4] and now - sent_at < tonumber(ARGV[5]) then
	return { 1, ARGV[13] }
end
local n = byte(rec, SENDS + 1)
if n >= byte(rec, SENDS_MAX + 1) then
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
rec = sub(rec, 1, DELIVERY) .. char(0, 0) .. sub(rec, WRONG + 1, SENDS) .. char(n + 1) .. sub(rec, SENDS_MAX + 1, CLAIMS) ..
	char(0, byte(rec, FLAGS + 1) % 2) .. sub(rec, FLAGS + 2, DEADLINE) .. pack('<I8I8', tonumber(ARGV[7]), now) .. sub(rec, ACCEPTED + 1, OWNER) ..
	ARGV[11] .. sub(rec, SMSC + 1, ARGS) .. ARGV[4] .. sub(rec, ARGS + 16, SEALED) ..
	(ARGV[10] ~= '' and ARGV[10] or sub(rec, SEALED + 1))
sends[#sends + 1] = now_s
call('SET', KEYS[1], rec, 'KEEPTTL')
call('SET', KEYS[2], counters_pack(sends, fails), 'EX', math.max(ssw, slw, fsw, flw))
call('ZADD', KEYS[3], ARGV[8], ARGV[9])
if once then
	call('SET', once, ARGV[4] .. ARGV[13], 'PX', ARGV[12])
end
return { 0, rec }
