local function journal_of(KEYS, asks)
	return KEYS[(asks - asks % MARK_JOURNAL) / MARK_JOURNAL]
end
local function leave_journal(KEYS, asks, key)
	if asks % 2 == 1 then
		call('ZREM', journal_of(KEYS, asks), tuple_of(key))
	end
end
-- One mark. fields, from octet at: now deadline delivery reason smsc asks generation error, LEN_MARK octets.
-- asks: MARK_RELEASE, MARK_UNANSWERED, MARK_REROUTE, and MARK_JOURNAL times the index of the journal's key, without which
-- nothing can be released or rerouted. smsc: a tag; 0: none.
-- -> enum store_marked: MOVED if it moved the record, REROUTED if the message is sent once more instead;
-- MARK_UNREADABLE if the record cannot be read
-- A record that is gone, or of another generation, is not changed. delivery moves as otp/lifecycle.h allows.
-- deadline: the deadline of the send that is meant, which names it; 0: any send. A tombstone does not tell sends apart.
local function mark_one(KEYS, key, fields, at)
	local now, deadline, to, reason, smsc, asks, generation, text = unpack_at(mark_fields, fields, at)
	local reroute = asks % MARK_JOURNAL >= MARK_REROUTE
	local unanswered = asks % MARK_REROUTE >= MARK_UNANSWERED
	local rec = read(key, mark_end)
	if not rec then
		leave_journal(KEYS, asks, key)
		return STORE_MARK_STALE
	end
	-- The entry of a record that cannot be read stays until the record expires.
	if #rec < TOMBSTONE_LEN then
		return MARK_UNREADABLE
	end
	local version, state, from, was, flags, accepted_by, expires, accepted, created, own = unpack_at(mark_head_fields, rec)
	if not readable(rec, READ_MARK, version, state, from, was) then
		return MARK_UNREADABLE
	end
	if own ~= generation then
		return STORE_MARK_STALE
	end
	local live, same = state == LIFECYCLE_PENDING, accepted_by == smsc
	local ttl, ends, hard_end
	if live and (deadline > 0 or to == DELIVERY_ACCEPTED or reroute) then
		ttl, ends, hard_end = unpack_at(times_fields, rec, AT_TTL + 1)
	end
	-- Another send may have been granted in the meantime.
	if deadline > 0 and live and created + ends ~= deadline then
		return STORE_MARK_STALE
	end
	-- A repeated accept of the SMS before must not end the reroute that was queued after it.
	if to == DELIVERY_ACCEPTED and from == DELIVERY_QUEUED and flags % FLAG_CANCEL >= FLAG_REROUTED and same then
		return STORE_MARK_STALE
	end
	-- Only a receipt, which has an SMSC, may set "failed" on a message that may have arrived. Here only a further submit
	-- was refused.
	if to == DELIVERY_FAILED and smsc == 0 and from >= DELIVERY_UNKNOWN then
		leave_journal(KEYS, asks, key)
		return STORE_MARK_STALE
	end
	-- A receipt of an earlier SMS says nothing about one that another SMSC accepted later, nor about a resend that no SMSC
	-- has accepted yet.
	if to == DELIVERY_FAILED and smsc > 0 and
		(from == DELIVERY_ACCEPTED and not same or from < DELIVERY_UNKNOWN and accepted_by > 0) then
		return STORE_MARK_STALE
	end
	if reroute then
		-- The receipt has come twice, and does not belong to the SMS that was rerouted.
		if flags % FLAG_CANCEL >= FLAG_REROUTED and from < DELIVERY_ACCEPTED then
			return STORE_MARK_STALE
		end
		-- The message is rerouted once, if the verification is pending and the deadline has not passed. Until it is
		-- submitted, reason and error in the record tell why.
		if from == DELIVERY_ACCEPTED and flags < FLAG_REROUTED and live and now < created + ends then
			call('SETRANGE', key, AT_DELIVERY, char(DELIVERY_QUEUED, reason))
			call('SETRANGE', key, AT_FLAGS, char(flags + FLAG_REROUTED))
			call('SETRANGE', key, AT_CLAIMS, '\0')
			call('SETRANGE', key, AT_ERROR, text)
			call('ZADD', journal_of(KEYS, asks), now, tuple_of(key))
			return STORE_MARK_REROUTED
		end
	end
	local moves = can_move[from * DELIVERY_STATES + to]
	local error_differs = moves and sub(rec, AT_ERROR + 1, AT_ERROR + LEN_ERROR) ~= text
	if unanswered and flags % FLAG_REROUTED == 0 then
		flags = flags + FLAG_UNANSWERED
		unanswered = to ~= DELIVERY_ACCEPTED
	else
		unanswered = false
	end
	if to == DELIVERY_ACCEPTED then
		-- The life of the code counts from now. It never ends earlier than after a previous accept.
		if live then
			local later = now - created + ttl
			if later > hard_end then
				later = hard_end
			elseif later < 0 then
				later = 0
			end
			if accepted == 0 or later > expires then
				expires = later
			end
		end
		if not moves then
			to, reason = from, was
		end
		call('SETRANGE', key, at_delivery,
			pack(accept_fields, to, reason, flags, smsc > 0 and smsc or accepted_by, expires, event(now, created)))
	elseif moves then
		call('SETRANGE', key, at_delivery, char(to, reason))
	end
	if error_differs then
		call('SETRANGE', key, AT_ERROR, text)
	end
	if unanswered then
		call('SETRANGE', key, AT_FLAGS, char(flags))
	end
	leave_journal(KEYS, asks, key)
	return moves and STORE_MARK_MOVED or STORE_MARK_STALE
end
