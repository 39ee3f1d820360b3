-- Counts an attempt unless one of its counters pauses. Returns 1 if the address is known for the account, else 0; the
-- remaining pause in milliseconds; and the server's time.
--
-- A counter has the fields `attempts`, `at` (the time of the last one) and `given_back` (set if the last one was refunded,
-- which ends its pause). `throttle/counter.rs` has the same arithmetic.
--
-- KEYS: the account's counter; with an address also: the counter of the account at the address, the account's known
--       addresses, the address's counter
-- ARGV: the milliseconds of quiet after which a counter is forgotten; the milliseconds for which an address stays known;
--       the address as a member of the known ones; then for the account and for the address: the free attempts, the first
--       and the longest pause
local account, account_at_address, known, address = unpack(KEYS)
local forget_after, remember_for, member = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local last_login = known and redis.call('ZSCORE', known, member)
local is_known = last_login and now - last_login < remember_for
local keys = { is_known and account_at_address or account, address }

local wait, counters = 0, {}
for number, key in ipairs(keys) do
  local free, pause, longest = unpack(ARGV, number * 3 + 1, number * 3 + 3)
  local attempts, at, given_back = unpack(redis.call('HMGET', key, 'attempts', 'at', 'given_back'))
  attempts, at = tonumber(attempts or 0), tonumber(at or now)
  if at > now then
    -- The clock was set back. That must not lock users out until then.
    redis.call('HSET', key, 'at', now)
    at = now
  end
  local paused_until = at
  if attempts >= tonumber(free) and not given_back then
    paused_until = at + math.min(pause * 2 ^ (attempts - free), longest)
  end
  wait = math.max(wait, paused_until - now)
  local left = math.max(forget_after - math.max(now - paused_until, 0), 0)
  counters[number] = { key, math.ceil(attempts * left / forget_after) + 1, forget_after + longest }
end

if wait == 0 then
  for _, counter in ipairs(counters) do
    local key, attempts, kept_for = unpack(counter)
    redis.call('HSET', key, 'attempts', attempts, 'at', now)
    redis.call('HDEL', key, 'given_back')
    redis.call('PEXPIRE', key, kept_for)
  end
end
return { is_known and 1 or 0, wait, now }
