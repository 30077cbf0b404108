-- verify: KEYS o r [k]; ARGV now generation tenant candidates len keep args memory
-- candidates: what the guess may be, 18 octets each: its length, its alphabets (bit 0 digits, bit 1 letters), its MAC.
-- len: the characters that were typed. A guess that cannot be the code costs nothing; the same wrong one counts once.
-- {0} approved | {1, left, repeated, ms} wrong | {2, reason, want, left} of another shape | {3, gone, ms} | {4} conflict |
-- {5} unreadable. ms: until a new verification may be opened, where left is 0 or it is EXHAUSTED; since it was USED.
-- reason: 0 too short, 1 too long, 2 alphabet
-- uses: layout gone
local now, once = tonumber(ARGV[1]), KEYS[3]
local got = once and call('MGET', KEYS[1], once) or call('MGET', KEYS[1])
local rec, replay = got[1], got[2]
local why, ms = gone(rec, ARGV[2], ARGV[3], now)
local function remember(verdict, left)
	if once then
		call('SET', once, ARGV[7] .. char(verdict, left), 'PX', ARGV[8])
	end
end
local wrong, want, mac
if why == LIVE then
	local shape = byte(rec, SHAPE + 1)
	wrong, want = byte(rec, WRONG + 1), shape % 16
	for i = 1, #ARGV[4], 18 do
		local len, alphabets = byte(ARGV[4], i, i + 1)
		if len == want and math.floor(alphabets / 2 ^ math.floor(shape / 16)) % 2 == 1 then
			mac = sub(ARGV[4], i + 2, i + 17)
		end
	end
	if not replay and wrong == 0 and sub(rec, MAC + 1, MAC + 16) == mac then
		finish(KEYS[1], rec, 1, 0, now)
		remember(0, 0)
		return { 0 }
	end
end
-- uses: counters pause
local REPEATS_MAX, TAGS_MAX = 20, 9
local keep, numbers = tonumber(ARGV[6]), KEYS[2]
if rec and #rec > KNOWN and byte(rec, KNOWN + 1) == 1 then
	numbers = numbers .. 'k'
end
local function read()
	return counters(call('MGET', numbers)[1], now, keep)
end
local function opens(c)
	return math.max(sends_wait(rec, c, now), fails_wait(rec, c, now), pause_left(rec, now))
end
if replay then
	if sub(replay, 1, 15) ~= ARGV[7] then
		return { 4 }
	end
	local verdict, left = byte(replay, 16, 17)
	if #replay ~= 17 or verdict > 1 then
		return { 5 }
	end
	return verdict == 0 and { 0 } or { 1, left, 0, left == 0 and why == EXHAUSTED and opens(read()) or 0 }
end
if why ~= LIVE then
	return { 3, why, why == EXHAUSTED and opens(read()) or ms }
end
local left = math.max(byte(rec, GUESSES + 1) - wrong, 0)
if not mac then
	local len = tonumber(ARGV[5])
	return { 2, len < want and 0 or len > want and 1 or 2, want, left }
end
local own = sub(rec, GENERATION + 1, GENERATION + 2)
if sub(rec, MAC + 1, MAC + 16) == mac then
	local c = read()
	-- Success takes back the wrong guesses of this verification; those of others stay.
	local i, mine = #c.fails, wrong
	while i > 0 and mine > 0 do
		if c.tags[i] == own then
			table.remove(c.fails, i)
			table.remove(c.tags, i)
			mine = mine - 1
		end
		i = i - 1
	end
	finish(KEYS[1], rec, 1, wrong, now)
	call('SET', numbers, counters_pack(c), 'EX', keep)
	remember(0, 0)
	return { 0 }
end
local repeats, tag = byte(rec, REPEATS + 1), sub(mac, 1, 2)
for i = 0, repeats < REPEATS_MAX and math.min(wrong, TAGS_MAX) - 1 or -1 do
	if sub(rec, TAGS + 2 * i + 1, TAGS + 2 * i + 2) == tag then
		call('SETRANGE', KEYS[1], REPEATS, char(repeats + 1))
		return { 1, left, 1, 0 }
	end
end
local c, wait = read(), 0
wrong, left = math.min(wrong + 1, 255), math.max(left - 1, 0)
c.fails[#c.fails + 1], c.tags[#c.tags + 1] = c.at, own
if left == 0 then
	finish(KEYS[1], rec, 3, wrong, now)
	wait = opens(c)
else
	call('SETRANGE', KEYS[1], WRONG, char(wrong))
	if wrong <= TAGS_MAX then
		call('SETRANGE', KEYS[1], TAGS + 2 * (wrong - 1), tag)
	end
end
call('SET', numbers, counters_pack(c), 'EX', keep)
remember(1, left)
return { 1, left, 0, wait }
