-- Keeps a session that begins. Those of the user's sessions that have the former stamp get the new one.
--
-- KEYS: the session, the list of the user's sessions
-- ARGV: what the keys of sessions begin with, the sid, the former stamp, the stamp, for how many milliseconds the session
--       is kept, for how many it is listed, then the fields of the session
local session, listed = KEYS[1], KEYS[2]
local prefix, id, former, stamp, kept_for, listed_for = unpack(ARGV, 1, 6)

redis.call('HSET', session, unpack(ARGV, 7))
redis.call('PEXPIRE', session, kept_for)

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', listed, now + listed_for, id)
redis.call('ZREMRANGEBYSCORE', listed, '-inf', now)
if redis.call('PTTL', listed) < tonumber(listed_for) then
  redis.call('PEXPIRE', listed, listed_for)
end

if former ~= stamp then
  for _, other in ipairs(redis.call('ZRANGE', listed, 0, -1)) do
    if redis.call('HGET', prefix .. other, 'stamp') == former then
      redis.call('HSET', prefix .. other, 'stamp', stamp)
    end
  end
end
