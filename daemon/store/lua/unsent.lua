-- unsent: KEYS o j; ARGV now generation reason error tuple deadline sent known keep numbers [cap]
-- Of one send it is certain that no SMS came of it: it is given back (lib/returned.lua). deadline: of the send, which names
-- it; 0: it was superseded by a later one, or is overtaken by another of the same verification, and the record goes on.
-- sent: when it was granted, ms; known: "1" if it was counted as one of a known device.
-- -> enum store_marked: MOVED if it marked the record as failed, RETURNED if it did and gave the send back, OVERTAKEN if it
-- only gave it back; MARK_UNREADABLE if the record cannot be read
-- uses: layout readable counters returned
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
-- Another send may have been granted since.
if sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_GENERATION) ~= ARGV[2] or
	deadline > 0 and u64(rec, AT_DEADLINE) ~= deadline then
	return STORE_MARK_STALE
end
local fails = deadline > 0 and byte(rec, AT_DELIVERY + 1) < DELIVERY_UNKNOWN
-- Rerouted (flags): an SMS of this send was accepted before. Taken over: who held it before may have submitted it. A node
-- that has but half of the slot refuses keys that are not declared: then nothing is given back.
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
