-- Gives those of the sessions that are logins and have the previous stamp the new one.
--
-- KEYS: the sessions
-- ARGV: the previous stamp; the stamp
local previous, stamp = ARGV[1], ARGV[2]

for _, session in ipairs(KEYS) do
  local row_stamp, kind = unpack(redis.call('HMGET', session, 'stamp', 'kind'))
  if row_stamp == previous and (kind or 'login') == 'login' then
    redis.call('HSET', session, 'stamp', stamp)
  end
end
