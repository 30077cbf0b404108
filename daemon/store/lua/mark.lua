-- mark: KEYS o j; ARGV now generation delivery reason smsc error release doubtful tuple reroute deadline
-- -> 1 if it moved the record, 2 if the message goes out once more instead, 5 if the record cannot be read, else 0
-- A record that is gone, or of another generation, is left alone; delivery moves only forward (otp/lifecycle.h).
-- deadline: of the send that failed, which names it; 0: any.
-- uses: layout
local key, release = KEYS[1], ARGV[7] == '1'
local rec = call('MGET', key)[1]
if not rec then
	if release then
		call('ZREM', KEYS[2], ARGV[9])
	end
	return 0
end
-- What cannot be read (as in lib/readable.lua) stays owed: nobody but the end of the record takes its entry away.
local version, _, state, from, reason = byte(rec, 1, 5)
if #rec ~= RECORD_LEN or version ~= RECORD_VERSION or state > STATE_LAST or from > DELIVERY_LAST or reason > REASON_LAST then
	return 5
end
if sub(rec, GENERATION + 1, GENERATION + 18) ~= ARGV[2] then
	return 0
end
-- Another send may have been granted since.
local to, deadline = tonumber(ARGV[3]), tonumber(ARGV[11])
if deadline > 0 and u64(rec, DEADLINE) ~= deadline then
	return 0
end
local flags, same = byte(rec, FLAGS + 1), sub(rec, SMSC + 1, ERROR) == ARGV[5]
-- An accept that is told again must not end what was queued anew since.
if to == 3 and from == 0 and flags >= 2 and same then
	return 0
end
-- Only a receipt, which names its SMSC, may say that what may have arrived failed: here a further send was refused.
if to == 4 and ARGV[5] == '' and from >= 2 then
	if release then
		call('ZREM', KEYS[2], ARGV[9])
	end
	return 0
end
-- What became of an SMS before says nothing of one that another SMSC took since, nor of a resend that none has accepted yet.
if to == 4 and ARGV[5] ~= '' and (from == 3 and not same or from < 2 and byte(rec, SMSC + 1) ~= 0) then
	return 0
end
if ARGV[10] == '1' then
	-- A receipt that comes twice is not of the SMS that is on its way now.
	if flags >= 2 and from < 3 then
		return 0
	end
	-- Once, while it is wanted and still in time; reason and error tell why until it is sent.
	if from == 3 and flags < 2 and state == 0 and tonumber(ARGV[1]) < u64(rec, DEADLINE) then
		call('SETRANGE', key, DELIVERY, char(0, tonumber(ARGV[4])))
		call('SETRANGE', key, CLAIMS, char(0, flags + 2))
		call('SETRANGE', key, ERROR, ARGV[6])
		call('ZADD', KEYS[2], ARGV[1], ARGV[9])
		return 2
	end
end
local moves = to > from or (from == 2 and to ~= 2)
local told = moves and char(to, tonumber(ARGV[4])) or sub(rec, DELIVERY + 1, REASON + 1)
if to == 3 then
	-- Accepted: the code lives from now on, never shorter than a former accept gave it.
	local now, first, old = tonumber(ARGV[1]), u64(rec, ACCEPTED) == 0, u64(rec, EXPIRES)
	local expires = math.min(now + (unpack_at('<I4', rec, TTL + 1)), u64(rec, HARD_END))
	if state ~= 0 or (not first and old > expires) then
		expires = old
	end
	call('SETRANGE', key, DELIVERY, told .. sub(rec, WRONG + 1, EXPIRES) .. pack('<I8', expires) ..
		sub(rec, HARD_END + 1, ACCEPTED) .. pack('<I8', now) .. sub(rec, ENDED + 1, SMSC) ..
		(ARGV[5] ~= '' and ARGV[5] or sub(rec, SMSC + 1, ERROR)) ..
		(moves and ARGV[6] or sub(rec, ERROR + 1, ERROR + 8)))
elseif moves then
	call('SETRANGE', key, DELIVERY, told)
	if sub(rec, ERROR + 1, ERROR + 8) ~= ARGV[6] then
		call('SETRANGE', key, ERROR, ARGV[6])
	end
end
if ARGV[8] == '1' and flags % 2 == 0 then
	call('SETRANGE', key, FLAGS, char(flags + 1))
end
if release then
	call('ZREM', KEYS[2], ARGV[9])
end
return moves and 1 or 0
