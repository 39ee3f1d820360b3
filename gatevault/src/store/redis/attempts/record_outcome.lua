-- Applies the outcome of an admitted attempt.
--
-- KEYS: the account's counter that was used; with an address also: the account's known addresses, the address's counter
-- ARGV: 'succeeded' or 'undecided'; the time of the attempt; with an address also: the address as a member of the known
--       ones, the milliseconds for which it stays known, the maximal number of known addresses
local account, known, address = unpack(KEYS)
local outcome, counted_at, member, remember_for, most = unpack(ARGV)

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

if outcome == 'succeeded' then
  redis.call('DEL', account)
else
  refund(account)
end
if address then
  refund(address)
end
if known and outcome == 'succeeded' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZADD', known, now, member)
  redis.call('ZREMRANGEBYSCORE', known, '-inf', now - remember_for)
  redis.call('ZREMRANGEBYRANK', known, 0, -1 - most)
  redis.call('PEXPIRE', known, remember_for)
end
return 1
