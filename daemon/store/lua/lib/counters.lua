-- The counters of a number: the count of sends in one octet, then the seconds of sends and of wrong guesses, oldest first.
-- limits: count and window (s) of sends short, sends long, fails short, fails long; what no window needs is dropped.
local function counters(raw, now_s, sends_win, fails_win)
	local sends, fails = {}, {}
	if raw then
		local n = byte(raw, 1)
		for i = 0, (#raw - 1) / 4 - 1 do
			local t = (unpack_at('<I4', raw, 2 + 4 * i))
			if i < n then
				if t + sends_win > now_s then
					sends[#sends + 1] = t
				end
			elseif t + fails_win > now_s then
				fails[#fails + 1] = t
			end
		end
	end
	return sends, fails
end
-- The newest 255 sends: more than any limit counts.
local function counters_pack(sends, fails)
	local first = math.max(1, #sends - 254)
	local out = char(#sends - first + 1)
	for i = first, #sends do
		out = out .. pack('<I4', sends[i])
	end
	for i = 1, #fails do
		out = out .. pack('<I4', fails[i])
	end
	return out
end
-- ms until fewer than count of the times are inside the window; 0 if that is so now.
local function wait_of(times, count, window, now)
	local i = #times - count + 1
	if count > 0 and i >= 1 then
		local wait = (times[i] + window) * 1000 - now
		if wait > 0 then
			return wait
		end
	end
	return 0
end
