-- ms that one SMS more of this verification has to wait for the one before; 0 where that one was given back. A time that
-- lies ahead (Redis' clock was set back) counts as now, for good where there is a key to write it to.
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
