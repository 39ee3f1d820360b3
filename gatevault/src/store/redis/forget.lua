-- Takes the oldest ends from the list whose sessions are there no more: their tokens have expired, and nobody asks for them.
-- Answers with how many.
--
-- KEYS: the list of ends
-- ARGV: what the keys of sessions begin with, how many to look at
local ends = KEYS[1]
local prefix, most = ARGV[1], tonumber(ARGV[2])

local gone = {}
for _, id in ipairs(redis.call('ZRANGE', ends, 0, most - 1)) do
  if redis.call('EXISTS', prefix .. id) == 0 then
    gone[#gone + 1] = id
  end
end
if #gone > 0 then
  redis.call('ZREM', ends, unpack(gone))
end
return #gone
