-- Removes old revocations, the oldest first, except those of tokens that have not expired. Returns their number, and the number of
-- the last revocation that it has read, or nil if there are no more.
--
-- The number of a revocation is its time in microseconds, or more.
--
-- KEYS: the list of revocations
-- ARGV: the most revocations to read; the seconds for which a revocation is kept; the number after which to begin, or '-inf';
--       the seconds for which a token may be accepted after its expiry
local revocations = KEYS[1]
local most, kept_for, after, leeway = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local time = redis.call('TIME')
local last = string.format('%.0f', (time[1] - kept_for) * 1000000 + time[2])
local old = redis.call('ZRANGEBYSCORE', revocations, '(' .. after, last, 'WITHSCORES', 'LIMIT', 0, most)
local removed = {}
for index = 1, #old, 2 do
  local member = old[index]
  local is_needed = false
  if string.sub(member, 1, 1) == '{' then
    -- What is not JSON is unreadable for every feed, and must not keep the others in the list.
    local is_json, revocation = pcall(cjson.decode, member)
    is_needed = is_json and revocation.kind == 'token' and type(revocation['until']) == 'number'
      and revocation['until'] + leeway > tonumber(time[1])
  end
  if not is_needed then
    removed[#removed + 1] = member
  end
end
if #removed > 0 then
  redis.call('ZREM', revocations, unpack(removed))
end
return { #removed, #old == 2 * most and old[#old] or false }
