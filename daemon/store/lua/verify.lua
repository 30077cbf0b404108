-- verify: KEYS o r [k]; ARGV fields [memory [confirms]]
-- fields: now keep tenant len generation args, candidates.
-- candidates: the codes that the guess can be read as, CANDIDATE_SIZE octets each: length, alphabets (bit 0 digits, bit
-- 1 letters; bit 2: its check digit is right), MAC.
-- len: the number of characters that were typed. A guess that cannot be the code is not counted, nor one whose check
-- digit is wrong if the code has one. The same wrong guess is counted once.
-- confirms: the tag of what was said that the code confirms. It is compared before the guess. Another one is not counted,
-- REPEATS_MAX times together with repeated guesses.
-- -> VERIFY_APPROVED, or {outcome, ...} by enum store_verify_outcome: WRONG left, repeated, ms | SHAPE enum store_shape, want, left |
-- GONE enum store_gone, ms | BINDING left, ms; or {VERIFY_UNREADABLE}. ms: if it is RESERVED, the time until it is not; if
-- left is 0 or it is EXHAUSTED, the time until a new
-- verification may be opened; if it is USED, the time since then.
local fields, once = ARGV[1], KEYS[3]
local now, keep, tenant, len, generation, rest, args, first = unpack_at(verify_fields, fields)
local rec, replay = read(KEYS[1], guess_end), once and call('MGET', once)[1]
local why, ms, created, wrong = gone(rec, generation, rest, tenant, now)
local function remember(verdict, left)
	if once then
		call('PSETEX', once, ARGV[2], args .. char(verdict, left))
	end
end
local want, mac, checks, misbound
if why == STORE_LIVE then
	local shape, _, origin = byte(rec, AT_SHAPE + 1, AT_ORIGIN + 1)
	if origin >= ORIGIN_RESERVED and not replay then
		local left = reserve_left(call('GETRANGE', KEYS[1], reserve_end_from, reserve_end_to), now, created)
		if left > 0 then
			return { STORE_VERIFY_GONE, STORE_RESERVED, left }
		end
	end
	-- Without a shape there is no code, so nothing is confirmed by it.
	if shape >= SHAPE_CONFIRMS or ARGV[3] and shape > 0 then
		misbound = ARGV[3] ~= (shape >= SHAPE_CONFIRMS and call('GETRANGE', KEYS[1], confirms_at, confirms_end) or nil)
		shape = shape % SHAPE_CONFIRMS
	end
	want = shape % SHAPE_ALPHABET
	local digits = shape < SHAPE_ALPHABET
	for i = first, #fields, CANDIDATE_SIZE do
		local length, alphabets = byte(fields, i, i + 1)
		if length == want and (digits and alphabets % 2 == 1 or not digits and alphabets % CANDIDATE_CHECKED >= 2) then
			mac, checks = sub(fields, i + 2, i + CANDIDATE_SIZE - 1), alphabets >= CANDIDATE_CHECKED
		end
	end
	if not replay and wrong == 0 and not misbound and sub(rec, AT_MAC + 1, AT_MAC + LEN_MAC) == mac then
		finish(KEYS[1], rec, LIFECYCLE_VERIFIED, 0, now, created)
		remember(STORE_VERIFY_APPROVED, 0)
		return VERIFY_APPROVED
	end
end
local numbers = KEYS[2]
if rec and byte(rec, AT_KNOWN + 1) == 1 then
	numbers = numbers .. 'k'
end
local function read_counters()
	return counters(call('MGET', numbers)[1], now, keep)
end
-- An id of the former generation was EXHAUSTED, and its successor has ended: nothing is known of limits any more.
local function opens(c)
	return has_limits(rec) and math.max(sends_wait(rec, c, now), fails_wait(rec, c, now), pause_left(rec, now, created)) or 0
end
if replay then
	if sub(replay, 1, LEN_ONCE) ~= args then
		return { STORE_VERIFY_CONFLICT }
	end
	local verdict, left = byte(replay, LEN_ONCE + 1, LEN_ONCE + 2)
	if #replay ~= LEN_ONCE + 2 or verdict > STORE_VERIFY_WRONG then
		return { VERIFY_UNREADABLE }
	end
	if verdict == STORE_VERIFY_APPROVED then
		return VERIFY_APPROVED
	end
	return { STORE_VERIFY_WRONG, left, 0, left == 0 and why == STORE_EXHAUSTED and opens(read_counters()) or 0 }
end
if why ~= STORE_LIVE then
	return { STORE_VERIFY_GONE, why, why == STORE_EXHAUSTED and opens(read_counters()) or ms }
end
local left = math.max(byte(rec, AT_GUESSES + 1) - wrong, 0)
local own, repeats = sub(generation, 1, LEN_TAG), byte(rec, AT_REPEATS + 1)
-- Counts a wrong guess. Returns how many are left, and the time until a new verification may be opened if none is.
local function count(tag)
	local c, wait = read_counters(), 0
	wrong, left = math.min(wrong + 1, 255), math.max(left - 1, 0)
	c.fails[#c.fails + 1], c.tags[#c.tags + 1] = c.at, own
	if left == 0 then
		finish(KEYS[1], rec, LIFECYCLE_EXHAUSTED, wrong, now, created)
		wait = opens(c)
	else
		call('SETRANGE', KEYS[1], AT_WRONG, char(wrong))
		if tag and wrong <= RECORD_TAGS then
			call('SETRANGE', KEYS[1], AT_TAGS + LEN_TAG * (wrong - 1), tag)
		end
	end
	keep_counters(numbers, c, keep)
	return left, wait
end
if misbound then
	if repeats < REPEATS_MAX then
		call('SETRANGE', KEYS[1], AT_REPEATS, char(repeats + 1))
		return { STORE_VERIFY_BINDING, left, 0 }
	end
	return { STORE_VERIFY_BINDING, count() }
end
if not mac then
	return { STORE_VERIFY_SHAPE,
		len < want and STORE_SHAPE_SHORT or len > want and STORE_SHAPE_LONG or STORE_SHAPE_ALPHABET, want, left }
end
if sub(rec, AT_MAC + 1, AT_MAC + LEN_MAC) == mac or has_codes(rec) and is_former(KEYS[1], mac) then
	local c = read_counters()
	-- A right guess removes the wrong guesses of this verification from the counters. Those of others stay.
	local i, mine = #c.fails, wrong
	while i > 0 and mine > 0 do
		if c.tags[i] == own then
			table.remove(c.fails, i)
			table.remove(c.tags, i)
			mine = mine - 1
		end
		i = i - 1
	end
	finish(KEYS[1], rec, LIFECYCLE_VERIFIED, wrong, now, created)
	keep_counters(numbers, c, keep)
	remember(STORE_VERIFY_APPROVED, 0)
	return VERIFY_APPROVED
end
local origin = byte(rec, AT_ORIGIN + 1)
if not checks and origin % (2 * ORIGIN_CHECK_DIGIT) >= ORIGIN_CHECK_DIGIT and origin % (2 * ORIGIN_OWN) == 0 then
	return { STORE_VERIFY_SHAPE, STORE_SHAPE_MISTYPED, want, left }
end
local tag = sub(mac, 1, LEN_TAG)
for i = 0, repeats < REPEATS_MAX and math.min(wrong, RECORD_TAGS) - 1 or -1 do
	if sub(rec, AT_TAGS + LEN_TAG * i + 1, AT_TAGS + LEN_TAG * i + LEN_TAG) == tag then
		call('SETRANGE', KEYS[1], AT_REPEATS, char(repeats + 1))
		return { STORE_VERIFY_WRONG, left, 1, 0 }
	end
end
local _, wait = count(tag)
remember(STORE_VERIFY_WRONG, left)
return { STORE_VERIFY_WRONG, left, 0, wait }
