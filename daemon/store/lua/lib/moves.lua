-- Whether a report may move a delivery: can_move[from * DELIVERY_STATES + to], of DELIVERY_MOVES_... in otp/lifecycle.h.
local can_move = {}
do
	local moves_from = { DELIVERY_MOVES_QUEUED, DELIVERY_MOVES_SUBMITTED, DELIVERY_MOVES_UNKNOWN, DELIVERY_MOVES_ACCEPTED,
		DELIVERY_MOVES_FAILED, DELIVERY_MOVES_DELIVERED }
	for from = 0, DELIVERY_STATES - 1 do
		for to = 0, DELIVERY_STATES - 1 do
			can_move[from * DELIVERY_STATES + to] = moves_from[from + 1] % 2 ^ (to + 1) >= 2 ^ to
		end
	end
end
