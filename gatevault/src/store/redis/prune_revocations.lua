-- Removes the oldest revocations whose sessions no longer exist: their tokens have expired. Returns the number removed.
--
-- KEYS: the list of revocations
-- ARGV: the key prefix of sessions; the number of revocations to examine
local revocations = KEYS[1]
local prefix, most = ARGV[1], tonumber(ARGV[2])

local gone = {}
for _, id in ipairs(redis.call('ZRANGE', revocations, 0, most - 1)) do
  if redis.call('EXISTS', prefix .. id) == 0 then
    gone[#gone + 1] = id
  end
end
if #gone > 0 then
  redis.call('ZREM', revocations, unpack(gone))
end
return #gone
