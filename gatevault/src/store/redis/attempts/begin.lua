-- Counts an attempt in the first of its choices in which no counter pauses. Returns the number of the choice: 1 for the
-- account at a known address, 2 for its newcomers, 3 for the account; the remaining pause in milliseconds; and the
-- server's time.
--
-- A counter has the fields `attempts`, `at` (the time of the last one) and `given_back` (set if the last one was refunded,
-- which ends its pause). `throttle/counter.rs` has the same arithmetic.
--
-- KEYS: with an address: the account's known addresses, and the counters of the account at the address, of its newcomers,
--       and of the account in the network; always: the account's counter; then the counters of the networks
-- ARGV: the milliseconds of quiet after which a counter is forgotten; the milliseconds for which an address stays known;
--       the address as a member of the known ones, or an empty string; then for each counter: the free attempts, the
--       first and the longest pause
local forget_after, remember_for, member = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local has_address = member ~= ''

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function counter(number)
  local key = KEYS[has_address and number + 1 or number]
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
  local left = math.max(forget_after - math.max(now - paused_until, 0), 0)
  return {
    key = key,
    wait = math.max(paused_until - now, 0),
    attempts = math.ceil(attempts * left / forget_after) + 1,
    kept_for = forget_after + longest,
  }
end

local choices, networks_from
if has_address then
  networks_from = 5
  local last_login = redis.call('ZSCORE', KEYS[1], member)
  if last_login and now - last_login < remember_for then
    choices = { { 1, counter(1) } }
  else
    choices = { { 2, counter(2), counter(3) }, { 3, counter(4) } }
  end
else
  networks_from = 2
  choices = { { 3, counter(1) } }
end

local networks, wait_of_networks = {}, 0
for number = networks_from, #KEYS - (has_address and 1 or 0) do
  local network = counter(number)
  wait_of_networks = math.max(wait_of_networks, network.wait)
  table.insert(networks, network)
end

local function count(counted)
  redis.call('HSET', counted.key, 'attempts', counted.attempts, 'at', now)
  redis.call('HDEL', counted.key, 'given_back')
  redis.call('PEXPIRE', counted.key, counted.kept_for)
end

local shortest
for _, choice in ipairs(choices) do
  local wait = wait_of_networks
  for index = 2, #choice do
    wait = math.max(wait, choice[index].wait)
  end
  if wait == 0 then
    for index = 2, #choice do
      count(choice[index])
    end
    for _, network in ipairs(networks) do
      count(network)
    end
    return { choice[1], 0, now }
  end
  shortest = math.min(shortest or wait, wait)
end
return { 0, shortest, now }
