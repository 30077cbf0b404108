-- To which states a report may move each state of a delivery: DELIVERY_MOVES_... of otp/lifecycle.h, from state 0.
local moves_from = { DELIVERY_MOVES_QUEUED, DELIVERY_MOVES_SUBMITTED, DELIVERY_MOVES_UNKNOWN, DELIVERY_MOVES_ACCEPTED,
	DELIVERY_MOVES_FAILED, DELIVERY_MOVES_DELIVERED }
