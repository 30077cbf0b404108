-- ms that the next SMS of this verification has to wait after the last one; 0 if the last one was given back. A time in
-- the future counts as now, because Redis' clock was set back; if key is given, that is written to the record.
local function pause_left(rec, now, key)
	local pause = 0
	if byte(rec, AT_RETURNED + 1) == 1 then
		return 0
	end
	for i = 0, math.min(byte(rec, AT_SENDS + 1), RECORD_WAITS) - 1 do
		local w = (unpack_at('<I4', rec, AT_WAITS + 4 * i + 1))
		pause = w > 0 and w or pause
	end
	local sent = u64(rec, AT_SENT)
	if sent > now then
		sent = now
		if key then
			call('SETRANGE', key, AT_SENT, pack('<I8', now))
		end
	end
	return math.max(sent + pause - now, 0)
end
