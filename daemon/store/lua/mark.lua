-- mark: KEYS o j; ARGV now generation delivery reason smsc error release doubtful tuple reroute
-- -> 1 if it moved the record, 2 if the message goes out once more instead, else 0
-- uses: layout marking
return moves and 1 or 0
