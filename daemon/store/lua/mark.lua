-- mark: KEYS o j; ARGV now generation delivery reason smsc error release unanswered tuple reroute deadline
-- -> enum store_marked: MOVED if it moved the record, REROUTED if the message is sent once more instead;
-- MARK_UNREADABLE if the record cannot be read
-- A record that is gone, or of another generation, is not changed. delivery moves as otp/lifecycle.h allows.
-- deadline: the deadline of the send that is meant, which names it; 0: any send.
local key, release = KEYS[1], ARGV[7] == '1'
local rec = call('MGET', key)[1]
if not rec then
	if release then
		call('ZREM', KEYS[2], ARGV[9])
	end
	return STORE_MARK_STALE
end
-- The entry of a record that cannot be read stays until the record expires. The checks are those of lib/readable.lua.
local version, _, state, from, reason = byte(rec, AT_VERSION + 1, AT_REASON + 1)
if #rec ~= RECORD_LEN or version < RECORD_OLDEST or version > RECORD_NEWEST or state >= LIFECYCLE_STATES or from >= DELIVERY_STATES or
	reason >= REASON_COUNT then
	return MARK_UNREADABLE
end
if sub(rec, AT_GENERATION + 1, AT_GENERATION + LEN_GENERATION) ~= ARGV[2] then
	return STORE_MARK_STALE
end
-- Another send may have been granted in the meantime.
local to, deadline = tonumber(ARGV[3]), tonumber(ARGV[11])
if deadline > 0 and u64(rec, AT_DEADLINE) ~= deadline then
	return STORE_MARK_STALE
end
local flags, same = byte(rec, AT_FLAGS + 1), sub(rec, AT_SMSC + 1, AT_ERROR) == ARGV[5]
-- A repeated accept of the SMS before must not end the reroute that was queued after it.
if to == DELIVERY_ACCEPTED and from == DELIVERY_QUEUED and flags >= FLAG_REROUTED and same then
	return STORE_MARK_STALE
end
-- Only a receipt, which has an SMSC, may set "failed" on a message that may have arrived. Here only a further submit
-- was refused.
if to == DELIVERY_FAILED and ARGV[5] == '' and from >= DELIVERY_UNKNOWN then
	if release then
		call('ZREM', KEYS[2], ARGV[9])
	end
	return STORE_MARK_STALE
end
-- A receipt of an earlier SMS says nothing about one that another SMSC accepted later, nor about a resend that no SMSC
-- has accepted yet.
if to == DELIVERY_FAILED and ARGV[5] ~= '' and
	(from == DELIVERY_ACCEPTED and not same or from < DELIVERY_UNKNOWN and byte(rec, AT_SMSC + 1) ~= 0) then
	return STORE_MARK_STALE
end
if ARGV[10] == '1' then
	-- The receipt has come twice, and does not belong to the SMS that was rerouted.
	if flags >= FLAG_REROUTED and from < DELIVERY_ACCEPTED then
		return STORE_MARK_STALE
	end
	-- The message is rerouted once, if the verification is pending and the deadline has not passed. Until it is
	-- submitted, reason and error in the record tell why.
	if from == DELIVERY_ACCEPTED and flags < FLAG_REROUTED and state == LIFECYCLE_PENDING and
		tonumber(ARGV[1]) < u64(rec, AT_DEADLINE) then
		call('SETRANGE', key, AT_DELIVERY, char(DELIVERY_QUEUED, tonumber(ARGV[4])))
		call('SETRANGE', key, AT_CLAIMS, char(0, flags + FLAG_REROUTED))
		call('SETRANGE', key, AT_ERROR, ARGV[6])
		call('ZADD', KEYS[2], ARGV[1], ARGV[9])
		return STORE_MARK_REROUTED
	end
end
local allowed = ({ DELIVERY_MOVES_QUEUED, DELIVERY_MOVES_SUBMITTED, DELIVERY_MOVES_UNKNOWN, DELIVERY_MOVES_ACCEPTED,
	DELIVERY_MOVES_FAILED, DELIVERY_MOVES_DELIVERED })[from + 1]
local moves = math.floor(allowed / 2 ^ to) % 2 == 1
local told = moves and char(to, tonumber(ARGV[4])) or sub(rec, AT_DELIVERY + 1, AT_REASON + 1)
if to == DELIVERY_ACCEPTED then
	-- The life of the code counts from now. It never ends earlier than after a previous accept.
	local now, first, old = tonumber(ARGV[1]), u64(rec, AT_ACCEPTED) == 0, u64(rec, AT_EXPIRES)
	local expires = math.min(now + (unpack_at('<I4', rec, AT_TTL + 1)), u64(rec, AT_HARD_END))
	if state ~= LIFECYCLE_PENDING or (not first and old > expires) then
		expires = old
	end
	call('SETRANGE', key, AT_DELIVERY, told .. sub(rec, AT_WRONG + 1, AT_EXPIRES) .. pack('<I8', expires) ..
		sub(rec, AT_HARD_END + 1, AT_ACCEPTED) .. pack('<I8', now) .. sub(rec, AT_ENDED + 1, AT_SMSC) ..
		(ARGV[5] ~= '' and ARGV[5] or sub(rec, AT_SMSC + 1, AT_ERROR)) ..
		(moves and ARGV[6] or sub(rec, AT_ERROR + 1, AT_ERROR + LEN_ERROR)))
elseif moves then
	call('SETRANGE', key, AT_DELIVERY, told)
	if sub(rec, AT_ERROR + 1, AT_ERROR + LEN_ERROR) ~= ARGV[6] then
		call('SETRANGE', key, AT_ERROR, ARGV[6])
	end
end
if ARGV[8] == '1' and flags % FLAG_REROUTED == 0 then
	call('SETRANGE', key, AT_FLAGS, char(flags + FLAG_UNANSWERED))
end
if release then
	call('ZREM', KEYS[2], ARGV[9])
end
return moves and STORE_MARK_MOVED or STORE_MARK_STALE
