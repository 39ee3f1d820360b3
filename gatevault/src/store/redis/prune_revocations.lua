-- Removes the oldest revocations whose sessions no longer exist and whose access tokens have expired. Returns the number
-- removed.
--
-- The number of a revocation is its time in microseconds, or more.
--
-- KEYS: the list of revocations
-- ARGV: the key prefix of sessions; the number of revocations to examine; the seconds for which a revocation is kept
local revocations = KEYS[1]
local prefix, most, kept_for = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call('TIME')
local last = string.format('%.0f', (time[1] - kept_for) * 1000000 + time[2])
local gone = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', revocations, '-inf', last, 'LIMIT', 0, most)) do
  if redis.call('EXISTS', prefix .. id) == 0 then
    gone[#gone + 1] = id
  end
end
if #gone > 0 then
  redis.call('ZREM', revocations, unpack(gone))
end
return #gone
