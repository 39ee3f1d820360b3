-- Removes old revocations, the oldest first, except those of tokens that have not expired. Returns the number of revocations that
-- it looked at, and the number of those that stay.
--
-- The number of a revocation is its time in microseconds, or more.
--
-- KEYS: the list of revocations
-- ARGV: the number of revocations to look at, at most; the seconds for which a revocation is kept; the number of old revocations
--       to skip; the seconds for which a token may be accepted after its expiry
local revocations = KEYS[1]
local most, kept_for, skipped, leeway = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local time = redis.call('TIME')
local last = string.format('%.0f', (time[1] - kept_for) * 1000000 + time[2])
local old = redis.call('ZRANGEBYSCORE', revocations, '-inf', last, 'LIMIT', skipped, most)
local removed = {}
for _, member in ipairs(old) do
  local is_needed = false
  if string.sub(member, 1, 1) == '{' then
    local revocation = cjson.decode(member)
    is_needed = revocation.kind == 'token' and type(revocation['until']) == 'number'
      and revocation['until'] + leeway > tonumber(time[1])
  end
  if not is_needed then
    removed[#removed + 1] = member
  end
end
if #removed > 0 then
  redis.call('ZREM', revocations, unpack(removed))
end
return { #old, #old - #removed }
