-- reverse: KEYS o [k]; ARGV fields record px [memory id]
-- fields: now args. id: the text of the id, and the end of its life in unix ms, which k remembers with args.
-- -> {outcome, ...} by enum store_reverse_outcome: OPENED | REPLAYED id | CONFLICT id | TAKEN | UNREADABLE
-- A record that has ended is overwritten. The new one tells how it ended, as after issue.
local now, args = unpack_at(reverse_fields, ARGV[1])
local once, new = KEYS[2], ARGV[2]
local replay = once and call('MGET', once)[1]
if replay then
	return { sub(replay, 1, LEN_ONCE) == args and STORE_REVERSE_REPLAYED or STORE_REVERSE_CONFLICT,
		sub(replay, LEN_ONCE + 1) }
end
local rec = read_all(KEYS[1])
if rec then
	local state, _, _, _, _, expires, _, created, generation, _, _, at = whole(rec)
	if not state then
		return { STORE_REVERSE_UNREADABLE }
	end
	if state == LIFECYCLE_PENDING and now < created + expires then
		return { STORE_REVERSE_TAKEN }
	end
	at = at > 0 and created + at - 1 or 0
	new = sub(new, 1, AT_PREV_STATE) .. char(state == LIFECYCLE_PENDING and LIFECYCLE_EXPIRED or state) ..
		generation .. pack('<I4', math.floor(at / 1000) % 4294967296) .. sub(new, AT_PURPOSE + 1)
end
call('PSETEX', KEYS[1], ARGV[3], new)
if once then
	call('PSETEX', once, ARGV[4], args .. ARGV[5])
end
return { STORE_REVERSE_OPENED }
