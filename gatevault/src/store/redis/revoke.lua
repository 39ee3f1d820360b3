-- Revokes those sessions of a user that are active, numbers and announces the revocations, and returns the ids of the
-- sessions.
--
-- The number is the time of the revocation in microseconds, or the last number plus one: it encodes the
-- time and never decreases.
--
-- KEYS: the list of the user's sessions; the list of revocations; the number of the last revocation
-- ARGV: the key prefix of sessions; the user; which sessions ('one', 'all' or 'others'); the id of the one session; for
--       'others', the new stamp of that session
local listed, revocations, position = KEYS[1], KEYS[2], KEYS[3]
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
local revoked = {}
for _, id in ipairs(sessions) do
  local row = redis.call('HMGET', prefix .. id, 'user', 'ended')
  local is_kept = which == 'others' and id == one
  if row[1] == user and not row[2] and not is_kept then
    number = number + 1
    redis.call('HSET', prefix .. id, 'ended', number)
    redis.call('ZADD', revocations, number, id)
    revoked[#revoked + 1] = id
  end
end

if #revoked > 0 then
  redis.call('SET', position, string.format('%.0f', number))
  -- Only a hint: a client without the permission to publish can still revoke.
  redis.pcall('PUBLISH', revocations, '')
end
return revoked
