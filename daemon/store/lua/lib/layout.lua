-- AT_... are offsets in the record from 0; see daemon/store/layout.h. The caller gives the time (Redis time in ms), so
-- that no function asks for it. Most arguments come packed in one word, because each word costs Redis more than the
-- unpacking. Records are changed in place with SETRANGE, because building them anew costs the most time. Numbers that
-- are only passed on are kept as text, because Redis writes them out slowly.
local call, try, sub, byte, char, pack, unpack_at
-- A library that is loaded sees no globals, so they are taken at its first call.
local function take_globals()
	call, try, sub, byte, char, pack, unpack_at = redis.call, redis.pcall, string.sub, string.byte, string.char, struct.pack,
		struct.unpack
end
local function u16(rec, at)
	local low, high = byte(rec, at + 1, at + 2)
	return low + 256 * high
end
-- A time of the record, in ms since CREATED. Redis' clock may have been set back behind CREATED.
local function since(rec, at)
	return (unpack_at('<i4', rec, at + 1))
end
-- A time that has happened, as the record holds it; at CREATED if the clock was set back behind that.
local function event(at, created)
	return at > created and at - created + 1 or 1
end
-- The first octets of a record, or nil if there is none. A value of another type is read as one that no version wrote.
-- Any other error ends the function: while a slot is moved, a node refuses keys that are not declared.
local mark_end, guess_end, fixed_end = (READ_MARK - 1) .. '', (READ_GUESS - 1) .. '', (AT_SEALED - 1) .. ''
local reserve_end_from, reserve_end_to = AT_RESERVE_END .. '', (AT_RESERVE_END + LEN_TIME - 1) .. ''
local at_delivery = AT_DELIVERY .. ''
local confirms_at, confirms_end = AT_CONFIRMS .. '', (AT_CONFIRMS + LEN_CONFIRMS - 1) .. ''
local function value_of(got)
	if type(got) == 'table' then
		if sub(got.err, 1, 9) ~= 'WRONGTYPE' then
			error(got)
		end
		return '?'
	end
	return got
end
local function read(key, last)
	local got = value_of(try('GETRANGE', key, '0', last))
	if got == '' then
		return call('EXISTS', key) == 1 and '?' or nil
	end
	return got
end
local function read_all(key)
	return value_of(try('GET', key)) or nil
end
-- The tuple, which is the member of the journal.
local function tuple_of(key)
	return sub(key, -LEN_TUPLE)
end
