-- KEYS[1] is a key that the daemon uses, or absent; ARGV are commands that the daemon itself sends: "get", "config|get".
-- Returns those of them, and of the commands that the functions call, that this user of Redis may not use, and "~" if it
-- may use one only without the key.
local lacks = {}
local function look(words)
	local first, second = string.match(words, '^(%a+)|?(%a*)$')
	local own = second ~= '' and second or nil
	if own and not redis.acl_check_cmd(first, own) or not own and not redis.acl_check_cmd(first) then
		lacks[#lacks + 1] = words
	elseif not own and KEYS[1] and not redis.acl_check_cmd(first, KEYS[1]) then
		lacks[#lacks + 1] = '~'
	end
end
for _, words in ipairs(commands) do
	look(words)
end
for _, words in ipairs(ARGV) do
	look(words)
end
return lacks
