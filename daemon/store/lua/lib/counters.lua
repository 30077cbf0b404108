-- Reads the counters of a number at a tenant. One octet is the number of sends, one octet the number of sends given
-- back. Their unix seconds follow, oldest first. Each wrong guess follows with its second and two octets of the
-- generation of its verification. One send alone is its second as text, which Redis keeps as a number, in 16 octets less.
-- Seconds are rounded up, so that no window is shorter than configured. A time in the future counts as now, because
-- Redis' clock was set back; c.clamped tells a refusal to write that down. Times older than keep, the longest window of
-- any purpose, are dropped. Counters that cannot be read count as empty.
local function counters(raw, now, keep)
	local c = { sends = {}, returned = {}, fails = {}, tags = {}, at = math.ceil(now / 1000) }
	if raw and #raw == LEN_SECOND and string.find(raw, '^%d+$') then
		raw = '\1\0' .. pack('<I4', tonumber(raw))
	end
	local n, m = byte(raw or '', 1, 2)
	if not m or #raw < 2 + 4 * (n + m) or (#raw - 2 - 4 * (n + m)) % 6 ~= 0 then
		return c
	end
	local function take(list, pos, tags)
		local t = (unpack_at('<I4', raw, pos))
		if t > c.at then
			t, c.clamped = c.at, true
		end
		if (t + keep) * 1000 > now then
			list[#list + 1] = t
			if tags then
				tags[#tags + 1] = sub(raw, pos + 4, pos + 5)
			end
		end
	end
	for i = 0, n - 1 do
		take(c.sends, 3 + 4 * i)
	end
	for i = n, n + m - 1 do
		take(c.returned, 3 + 4 * i)
	end
	for pos = 3 + 4 * (n + m), #raw, 6 do
		take(c.fails, pos, c.tags)
	end
	return c
end
-- Packs the newest 255 of each, because no limit counts more.
local function counters_pack(c)
	if #c.sends == 1 and #c.returned + #c.fails == 0 then
		return string.format('%0' .. LEN_SECOND .. 'd', c.sends[1])
	end
	local sends, returned, fails = math.max(1, #c.sends - 254), math.max(1, #c.returned - 254), math.max(1, #c.fails - 254)
	local out = { char(#c.sends - sends + 1, #c.returned - returned + 1) }
	for i = sends, #c.sends do
		out[#out + 1] = pack('<I4', c.sends[i])
	end
	for i = returned, #c.returned do
		out[#out + 1] = pack('<I4', c.returned[i])
	end
	for i = fails, #c.fails do
		out[#out + 1] = pack('<I4', c.fails[i]) .. c.tags[i]
	end
	return table.concat(out)
end
-- Writes counters, or removes them if they are empty. keep: text.
local function keep_counters(key, c, keep)
	if #c.sends + #c.returned + #c.fails > 0 then
		call('SETEX', key, keep, counters_pack(c))
	else
		call('DEL', key)
	end
end
-- Writes the counters back after a refusal if a time was clamped. c may be nil.
local function keep_clamped(key, c, keep)
	if c and c.clamped then
		keep_counters(key, c, keep)
	end
end
-- ms until fewer than count of the times are inside the window; 0: there are fewer now, or count is 0.
local function wait_of(times, count, window, now)
	local i = #times - count + 1
	return count > 0 and i >= 1 and math.max((times[i] + window) * 1000 - now, 0) or 0
end
-- True if a record has limits. After any end but too many wrong guesses they are gone.
local function has_limits(rec)
	return #rec >= TOMBSTONE_LIMITS_LEN
end
-- ms until the limits in the record allow another SMS (sends_wait), or a new verification after wrong guesses
-- (fails_wait).
local function sends_wait(rec, c, now)
	local short, short_s, long, long_s = unpack_at('<BI3BI3', rec, AT_LIMITS + 1)
	return math.max(wait_of(c.sends, short, short_s, now), wait_of(c.sends, long, long_s, now))
end
local function fails_wait(rec, c, now)
	local short, short_s, long, long_s = unpack_at('<BI3BI3', rec, AT_LIMITS_FAILS + 1)
	return math.max(wait_of(c.fails, short, short_s, now), wait_of(c.fails, long, long_s, now))
end
