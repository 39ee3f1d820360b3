-- Numbers revocations, adds them to the list of revocations, and announces them.
--
-- The number is the time of the revocation in microseconds, or the last number plus one: it encodes the
-- time and never decreases.
local function record(revocations, position, members)
  if #members == 0 then
    return
  end
  local time = redis.call('TIME')
  local number = math.max(time[1] * 1000000 + time[2] - 1, tonumber(redis.call('GET', position) or 0))
  for _, member in ipairs(members) do
    number = number + 1
    redis.call('ZADD', revocations, number, member)
  end
  redis.call('SET', position, string.format('%.0f', number))
  -- Only a hint: a client without the permission to publish can still revoke.
  redis.pcall('PUBLISH', revocations, '')
end

