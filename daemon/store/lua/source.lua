-- source: KEYS w; ARGV fields -> 1 if what this number sent may be looked up, otherwise 0
-- fields: now count window back sent.
-- Counts it before it is looked up, so that many at once are not more than allowed. sent: a tag of the tokens. What was
-- sent before has its place already, so a message that an SMSC repeats while Redis is slow counts once. back 1: gives the
-- place back, because it was right.
-- w: the unix second and the tag of each. A second in the future counts as now. Octets that are none of these count as
-- empty.
local now, count, window, back, sent = unpack_at(source_fields, ARGV[1])
local key, size = KEYS[1], 4 + LEN_SENT
local raw, at, places, mine = call('MGET', key)[1] or '', math.ceil(now / 1000), {}, nil
for i = 1, #raw % size == 0 and #raw or 0, size do
	local second, tag = unpack_at(sent_fields, raw, i)
	second = math.min(second, at)
	if (second + window) * 1000 > now then
		places[#places + 1] = pack(sent_fields, second, tag)
		mine = tag == sent and #places or mine
	end
end
if back == 1 then
	if mine then
		table.remove(places, mine)
	end
elseif not mine then
	if #places >= count then
		return 0
	end
	places[#places + 1] = pack(sent_fields, at, sent)
end
if #places > 0 then
	call('SETEX', key, window, table.concat(places))
else
	call('DEL', key)
end
return 1
