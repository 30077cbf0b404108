-- unsent: KEYS o j; ARGV as those of mark, then deadline keep numbers [cap] (lib/returned.lua)
-- Marks a failure of which it is certain that no SMS came of it, and gives the send back.
-- -> as mark; 3 if it moved the record and gave the send back
-- uses: layout marking counters returned
-- Rerouted (flags): an SMS of this send was accepted before. Taken over: who held it before may have submitted it.
if moves and from < 2 and flags < 2 and byte(rec, TAKEN_OVER + 1) == 0 and
	give_back(key, rec, ARGV[13], ARGV[14], tonumber(ARGV[1]), tonumber(ARGV[12])) then
	return 3
end
return moves and 1 or 0
