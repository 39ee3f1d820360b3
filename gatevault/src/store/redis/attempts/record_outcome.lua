-- Applies the outcome of an admitted attempt.
--
-- KEYS: after a login from an address: the account's known addresses; then the counters
-- ARGV: the time of the attempt; the address as a member of the known ones, or an empty string; the milliseconds for which
--       it stays known; the maximal number of known addresses; then for each counter 'delete' or 'refund'
local counted_at, member, remember_for, most = unpack(ARGV)
local has_login = member ~= ''

local function refund(key)
  local attempts, at = unpack(redis.call('HMGET', key, 'attempts', 'at'))
  if not attempts then
    return
  end
  if tonumber(attempts) <= 1 then
    redis.call('DEL', key)
    return
  end
  redis.call('HSET', key, 'attempts', attempts - 1)
  if at == counted_at then
    redis.call('HSET', key, 'given_back', 1)
  end
end

for number = 5, #ARGV do
  local key = KEYS[has_login and number - 3 or number - 4]
  if ARGV[number] == 'delete' then
    redis.call('DEL', key)
  else
    refund(key)
  end
end
if has_login then
  local known = KEYS[1]
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZADD', known, now, member)
  redis.call('ZREMRANGEBYSCORE', known, '-inf', now - remember_for)
  redis.call('ZREMRANGEBYRANK', known, 0, -1 - most)
  redis.call('PEXPIRE', known, remember_for)
end
return 1
