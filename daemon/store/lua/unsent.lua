-- unsent: KEYS o j; ARGV fields keep numbers [cap]
-- fields: now sent deadline known reason generation error, and LEN_CODE octets of the MAC of the code of the
-- send, if the SMS of the verification bring codes of their own. It is valid no longer, because nobody has it.
-- Gives back a send of which certainly no SMS came (lib/returned.lua).
-- deadline: the deadline of the send, which names it; 0: another send of the verification took its place or goes on,
-- and the delivery in the record stays. sent: when it was granted, ms. known: 1 if it was counted as one of a known
-- device.
-- -> enum store_marked: MOVED if it marked the record as failed, RETURNED if it did and gave the send back, OVERTAKEN
-- if it only gave it back; MARK_UNREADABLE if the record cannot be read
local now, sent, deadline, known, reason, generation, text, code = unpack_at(unsent_fields, ARGV[1])
local key = KEYS[1]
local rec = read(key, fixed_end)
if not rec then
	if deadline > 0 then
		call('ZREM', KEYS[2], tuple_of(key))
	end
	return STORE_MARK_STALE
end
local state, delivery, _, flags, _, _, _, created, own = head(rec, AT_SEALED)
if not state then
	return MARK_UNREADABLE
end
local live = state == LIFECYCLE_PENDING
-- Another send may have been granted in the meantime.
if own ~= generation or live and deadline > 0 and created + since(rec, AT_DEADLINE) ~= deadline then
	return STORE_MARK_STALE
end
local fails = deadline > 0 and delivery < DELIVERY_UNKNOWN
-- Nothing is given back if the message was rerouted, because an SMS of this send was accepted, or if it was taken over
-- from a process that may have submitted it. pcall: while a slot is moved, a node refuses keys that are not declared,
-- and then nothing is given back either.
local mine = live and flags < FLAG_REROUTED and byte(rec, AT_TAKEN_OVER + 1) == 0
local done, back = pcall(give_back, rec, ARGV[3], ARGV[4], { now = now, keep = ARGV[2], sent = sent, known = known == 1,
	current = deadline > 0, may = mine })
if done and back then
	take_send(key, rec, deadline > 0)
end
if mine and code <= #ARGV[1] then
	drop_code(key, sub(ARGV[1], code), deadline > 0)
end
if fails then
	call('SETRANGE', key, AT_DELIVERY, char(DELIVERY_FAILED, reason))
	call('SETRANGE', key, AT_ERROR, text)
end
if deadline > 0 then
	call('ZREM', KEYS[2], tuple_of(key))
end
if done and back then
	return fails and STORE_MARK_RETURNED or STORE_MARK_OVERTAKEN
end
return fails and STORE_MARK_MOVED or STORE_MARK_STALE
