-- What every script knows: the layout of the record (daemon/store/record.h) and the counters of a number.
-- Offsets are octets from 0; now comes from the caller (Redis time in ms): no script asks for the time.
local VERSION, STATE, DELIVERY, REASON, WRONG, GUESSES, SENDS, SENDS_MAX, CLAIMS = 0, 2, 3, 4, 5, 6, 7, 8, 9
local FLAGS, PREV_STATE, FAILS_SHORT, FAILS_LONG, TENANT, TTL, WAITS = 10, 11, 12, 13, 16, 20, 24
local CREATED, EXPIRES, HARD_END, DEADLINE, SENT, ACCEPTED, ENDED = 56, 64, 72, 80, 88, 96, 104
local OWNER, SMSC, ERROR, ARGS, GENERATION, PREV_GENERATION, MAC, SEALED, RECORD_LEN = 112, 120, 152, 160, 176, 194, 208, 240, 592
local LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED = 0, 1, 2, 3, 4, 5, 6

local sub, byte, char, pack, unpack_at = string.sub, string.byte, string.char, struct.pack, struct.unpack

local function u8(rec, at)
	return byte(rec, at + 1)
end

local function u64(rec, at)
	return (unpack_at('<I8', rec, at + 1))
end

local function put(rec, at, value)
	return sub(rec, 1, at) .. value .. sub(rec, at + #value + 1)
end

local ended = { [0] = EXPIRED, [1] = USED, [2] = EXPIRED, [3] = EXHAUSTED, [4] = CANCELLED }

-- Why this id cannot be used; LIVE if it can.
local function gone(rec, generation, tenant, now)
	if not rec or #rec ~= RECORD_LEN or u8(rec, VERSION) ~= 1 then
		return UNKNOWN
	end
	if sub(rec, TENANT + 1, TENANT + 4) ~= tenant then
		return DENIED
	end
	if sub(rec, GENERATION + 1, GENERATION + 18) ~= generation then
		local prev = u8(rec, PREV_STATE)
		if prev ~= 255 and sub(rec, PREV_GENERATION + 1, PREV_GENERATION + 8) == sub(generation, 1, 8) then
			return ended[prev] or UNKNOWN
		end
		return UNKNOWN
	end
	local state = u8(rec, STATE)
	if state == 0 and now < u64(rec, EXPIRES) then
		return LIVE
	end
	return ended[state] or UNKNOWN
end

-- The number's counters: two logs of seconds, oldest first; what no window needs any more is dropped.
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

local function counters_pack(sends, fails)
	local out = { char(#sends) }
	for i = 1, #sends do
		out[#out + 1] = pack('<I4', sends[i])
	end
	for i = 1, #fails do
		out[#out + 1] = pack('<I4', fails[i])
	end
	return table.concat(out)
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

-- limits: counts and windows (s) of sends short, sends long, fails short, fails long
local function limits_of(packed)
	local ss, ssw, sl, slw, fs, fsw, fl, flw = unpack_at('<I4I4I4I4I4I4I4I4', packed)
	return { ss = ss, ssw = ssw, sl = sl, slw = slw, fs = fs, fsw = fsw, fl = fl, flw = flw,
		sends_win = math.max(ssw, slw), fails_win = math.max(fsw, flw) }
end

local function send_wait(l, sends, fails, now)
	return math.max(wait_of(sends, l.ss, l.ssw, now), wait_of(sends, l.sl, l.slw, now),
		wait_of(fails, l.fs, l.fsw, now), wait_of(fails, l.fl, l.flw, now))
end

local function counters_px(l)
	return math.max(l.sends_win, l.fails_win) * 1000
end
