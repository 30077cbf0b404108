-- unsent: KEYS o j; ARGV now generation reason error tuple deadline sent known keep numbers [cap]
-- Gives back a send of which certainly no SMS came (lib/returned.lua).
-- deadline: the deadline of the send, which names it; 0: another send of the verification took its place or goes on,
-- and the delivery in the record stays. sent: when it was granted, ms. known: "1" if it was counted as one of a known
-- device.
-- -> enum store_marked: MOVED if it marked the record as failed, RETURNED if it did and gave the send back, OVERTAKEN
-- if it only gave it back; MARK_UNREADABLE if the record cannot be read
local key, now, deadline = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[6])
local rec = call('MGET', key)[1]
if not rec then
	if deadline > 0 then
		call('ZREM', KEYS[2], ARGV[5])
	end
	return STORE_MARK_STALE
end
if not readable(rec) then
	return MARK_UNREADABLE
end
-- Another send may have been granted in the meantime.
if sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_GENERATION) ~= ARGV[2] or
	deadline > 0 and u64(rec, AT_DEADLINE) ~= deadline then
	return STORE_MARK_STALE
end
local fails = deadline > 0 and byte(rec, AT_DELIVERY + 1) < DELIVERY_UNKNOWN
-- Nothing is given back if the message was rerouted, because an SMS of this send was accepted, or if it was taken over
-- from a process that may have submitted it. pcall: while a slot is moved, a node refuses keys that are not declared,
-- and then nothing is given back either.
local mine = byte(rec, AT_FLAGS + 1) < FLAG_REROUTED and byte(rec, AT_TAKEN_OVER + 1) == 0
local done, back = pcall(give_back, rec, ARGV[10], ARGV[11], { now = now, keep = tonumber(ARGV[9]), sent = tonumber(ARGV[7]),
	known = ARGV[8] == '1', current = deadline > 0, may = mine })
if done and back then
	call('SETRANGE', key, AT_SENDS, char(byte(rec, AT_SENDS + 1) - 1))
	if deadline > 0 then
		call('SETRANGE', key, AT_RETURNED, '\1')
	end
end
if fails then
	call('SETRANGE', key, AT_DELIVERY, char(DELIVERY_FAILED, tonumber(ARGV[3])))
	call('SETRANGE', key, AT_ERROR, ARGV[4])
end
if deadline > 0 then
	call('ZREM', KEYS[2], ARGV[5])
end
if done and back then
	return fails and STORE_MARK_RETURNED or STORE_MARK_OVERTAKEN
end
return fails and STORE_MARK_MOVED or STORE_MARK_STALE
