-- ms that one SMS more of this verification has to wait for the one before; 0 where that one was given back.
local function pause_left(rec, now)
	local pause = 0
	if byte(rec, RETURNED + 1) == 1 then
		return 0
	end
	for i = 0, math.min(byte(rec, SENDS + 1), 8) - 1 do
		local w = (unpack_at('<I4', rec, WAITS + 4 * i + 1))
		pause = w > 0 and w or pause
	end
	return math.max(math.min(u64(rec, SENT), now) + pause - now, 0)
end
