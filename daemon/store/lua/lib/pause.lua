-- ms that the next SMS of this verification has to wait after the last one; 0 if the last one was given back. A time in
-- the future counts as now, because Redis' clock was set back; if key is given, that is written to the record.
local function pause_left(rec, now, created, key)
	local sent, wait = unpack_at('<i4I2', rec, AT_SENT + 1)
	if wait == 0 then
		return 0
	end
	if created + sent > now then
		sent = now - created
		if key then
			call('SETRANGE', key, AT_SENT, pack('<i4', sent))
		end
	end
	return math.max(created + sent + wait * 1000 - now, 0)
end
-- The wait in s after the nth send of a record that goes on: a wait of 0 repeats the one before.
local function wait_after(rec, n)
	local wait = 0
	for i = 0, math.min(n, RECORD_WAITS) - 1 do
		local w = u16(rec, AT_WAITS + 2 * i)
		wait = w > 0 and w or wait
	end
	return wait
end
