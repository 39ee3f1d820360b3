-- Stores a new session. The user's sessions with the previous stamp get the new one.
--
-- KEYS: the session; the list of the user's sessions
-- ARGV: the key prefix of sessions; the session's id; the previous stamp; the stamp; the milliseconds to keep the session;
--       the milliseconds to list it; then the fields of the session
local session, listed = KEYS[1], KEYS[2]
local prefix, id, previous, stamp, kept_for, listed_for = unpack(ARGV, 1, 6)

redis.call('HSET', session, unpack(ARGV, 7))
redis.call('PEXPIRE', session, kept_for)

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', listed, now + listed_for, id)
redis.call('ZREMRANGEBYSCORE', listed, '-inf', now)
if redis.call('PTTL', listed) < tonumber(listed_for) then
  redis.call('PEXPIRE', listed, listed_for)
end

if previous ~= stamp then
  for _, other in ipairs(redis.call('ZRANGE', listed, 0, -1)) do
    if redis.call('HGET', prefix .. other, 'stamp') == previous then
      redis.call('HSET', prefix .. other, 'stamp', stamp)
    end
  end
end
