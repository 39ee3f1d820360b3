-- Ends those of the sessions of a user that have not ended, numbers the ends, announces them, and answers with their ids.
--
-- The number is the time of the end in microseconds, or one more than the last: it tells when, and never goes back.
--
-- KEYS: the list of the user's sessions, the list of ends, the number of the last end
-- ARGV: what the keys of sessions begin with, the user, which sessions ('one', 'all' or 'others'), the one, and its new
--       stamp if it is the others that end
local listed, ends, position = KEYS[1], KEYS[2], KEYS[3]
local prefix, user, which, one, stamp = unpack(ARGV)

local sessions = { one }
if which ~= 'one' then
  sessions = redis.call('ZRANGE', listed, 0, -1)
end
if which == 'others' and redis.call('HGET', prefix .. one, 'user') == user then
  redis.call('HSET', prefix .. one, 'stamp', stamp)
end

local time = redis.call('TIME')
local number = math.max(time[1] * 1000000 + time[2] - 1, tonumber(redis.call('GET', position) or 0))
local ended = {}
for _, id in ipairs(sessions) do
  local row = redis.call('HMGET', prefix .. id, 'user', 'ended')
  local stays = which == 'others' and id == one
  if row[1] == user and not row[2] and not stays then
    number = number + 1
    redis.call('HSET', prefix .. id, 'ended', number)
    redis.call('ZADD', ends, number, id)
    ended[#ended + 1] = id
  end
end

if #ended > 0 then
  redis.call('SET', position, string.format('%.0f', number))
  -- No more than a hint: whoever may not publish still ends sessions.
  redis.pcall('PUBLISH', ends, '')
end
return ended
