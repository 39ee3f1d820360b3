-- Counts an attempt, unless one of its counters has a pause. Answers with 1 if the account is known at the address, else 0;
-- for how many milliseconds to wait; and the time of this server.
--
-- A counter holds its attempts, when the last one `at` was, and whether that one was `given_back` and its pause with it.
--
-- KEYS: the counter of the account, and where the address is known: the counter of the account there, the addresses that
--       the account is known at, the counter of the address
-- ARGV: in milliseconds, after which quiet time a counter is forgotten, and for how long an address is known; the member of
--       the known addresses; then for the account and for the address: the free attempts, the first and the longest pause
local account, account_there, known, address = unpack(KEYS)
local forget_after, remember_for, member = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local seen = known and redis.call('ZSCORE', known, member)
local is_known = seen and now - seen < remember_for
local keys = { is_known and account_there or account, address }

local wait, counters = 0, {}
for number, key in ipairs(keys) do
  local free, pause, longest = unpack(ARGV, number * 3 + 1, number * 3 + 3)
  local attempts, at, given_back = unpack(redis.call('HMGET', key, 'attempts', 'at', 'given_back'))
  attempts, at = tonumber(attempts or 0), tonumber(at or now)
  if at > now then
    -- The clock was set back, which must not lock anybody out until then.
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
