-- unsent: KEYS o j; ARGV now generation reason error tuple deadline sent known keep numbers [cap]
-- Of one send it is certain that no SMS came of it: it is given back (lib/returned.lua). deadline: of the send, which names
-- it; 0: it was superseded by a later one, or is overtaken by another of the same verification, and the record goes on.
-- sent: when it was granted, ms; known: "1" if it was counted as one of a known device.
-- -> 1 if it marked the record as failed, 3 if it did and gave the send back, 4 if it only gave it back, 5 if the record
-- cannot be read, else 0
-- uses: layout readable counters returned
local key, now, deadline = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[6])
local rec = call('MGET', key)[1]
if not rec then
	if deadline > 0 then
		call('ZREM', KEYS[2], ARGV[5])
	end
	return 0
end
if not readable(rec) then
	return 5
end
-- Another send may have been granted since.
if sub(rec, GENERATION + 1, GENERATION + 18) ~= ARGV[2] or deadline > 0 and u64(rec, DEADLINE) ~= deadline then
	return 0
end
local fails = deadline > 0 and byte(rec, DELIVERY + 1) < 2
-- Rerouted (flags): an SMS of this send was accepted before. Taken over: who held it before may have submitted it. A node
-- that has but half of the slot refuses keys that are not declared: then nothing is given back.
local mine = byte(rec, FLAGS + 1) < 2 and byte(rec, TAKEN_OVER + 1) == 0
local done, back = pcall(give_back, rec, ARGV[10], ARGV[11], { now = now, keep = tonumber(ARGV[9]), sent = tonumber(ARGV[7]),
	known = ARGV[8] == '1', current = deadline > 0, may = mine })
if done and back then
	call('SETRANGE', key, SENDS, char(byte(rec, SENDS + 1) - 1))
	if deadline > 0 then
		call('SETRANGE', key, RETURNED, '\1')
	end
end
if fails then
	call('SETRANGE', key, DELIVERY, char(4, tonumber(ARGV[3])))
	call('SETRANGE', key, ERROR, ARGV[4])
end
if deadline > 0 then
	call('ZREM', KEYS[2], ARGV[5])
end
return fails and (done and back and 3 or 1) or done and back and 4 or 0
