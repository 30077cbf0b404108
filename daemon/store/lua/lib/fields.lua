-- The packed arguments of each function, in the order that it names, and the head of a record. A tenant is only compared,
-- which needs no text of it.
local head_fields = '<BBI4BBBBI2I4I4I6c' .. LEN_GENERATION .. 'I' .. LEN_TENANT
local issue_fields = '<c' .. LEN_SECOND .. 'I6I4c' .. LEN_ONCE
local resend_fields = '<c' .. LEN_SECOND .. 'I6I4I6I' .. LEN_TENANT .. 'c' .. LEN_OWNER .. 'c' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST .. 'c' .. LEN_ONCE
local verify_fields = '<I6I4I' .. LEN_TENANT .. 'Bc' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST .. 'c' .. LEN_ONCE
local cancel_fields = '<I6I' .. LEN_TENANT .. 'c' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST .. 'B'
local mark_fields = '<I6I6BBI2Bc' .. LEN_GENERATION .. 'c' .. LEN_ERROR
local unsent_fields = '<I6I6I6BBc' .. LEN_GENERATION .. 'c' .. LEN_ERROR
local reserve_fields = '<I6I4I' .. LEN_TENANT .. 'c' .. LEN_RESERVE .. 'c' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST
local redirect_fields = '<I6I6I' .. LEN_TENANT .. 'c' .. LEN_RESERVE .. 'c' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST
local freed_fields = '<c' .. LEN_GENERATION
local release_fields = '<c' .. LEN_OWNER .. 'BBc' .. LEN_GENERATION
-- What a mark looks at, of the head of a record and behind it from AT_TTL.
local mark_head_fields = '<BBxxxxxBBBI2I4I4I6c' .. LEN_GENERATION
local times_fields = '<I4i4i4'
local reverse_fields = '<I6c' .. LEN_ONCE
local confirm_fields = '<I6I2c' .. LEN_GENERATION .. 'c' .. LEN_GENERATION_REST .. 'c' .. LEN_NUMBER
local source_fields = '<I6BI4Bc' .. LEN_SENT
local sent_fields = '<I4c' .. LEN_SENT
-- The octets of a record that an accept changes, and those that an end changes.
local accept_fields = '<BBBI2I4I4'
local end_fields = '<BBI4B'
