-- Gives those of the sessions that have the previous stamp the new one.
--
-- KEYS: the sessions
-- ARGV: the previous stamp; the stamp
local previous, stamp = ARGV[1], ARGV[2]

for _, session in ipairs(KEYS) do
  if redis.call('HGET', session, 'stamp') == previous then
    redis.call('HSET', session, 'stamp', stamp)
  end
end
