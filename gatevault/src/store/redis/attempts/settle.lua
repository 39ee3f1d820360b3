-- Does what becomes of an attempt that was admitted.
--
-- KEYS: the counter that it was counted by, and where the address is known: the addresses that the account is known at, the
--       counter of the address
-- ARGV: 'succeeded' or 'undecided', when it was counted, the member of the known addresses, for how many milliseconds an
--       address is known, how many are
local account, known, address = unpack(KEYS)
local outcome, counted_at, member, remember_for, most = unpack(ARGV)

local function give_back(key)
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
  give_back(account)
end
if address then
  give_back(address)
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
