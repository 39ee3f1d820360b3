-- Gives those of the sessions that are logins and have the previous stamp the new one.
--
-- KEYS: the sessions
-- ARGV: the previous stamp; the stamp
local previous, stamp = ARGV[1], ARGV[2]

for _, key in ipairs(KEYS) do
  local session = lines_of(redis.call('GET', key))
  if session and session.stamp == previous and session.kind == 'login' then
    restamp(key, session, stamp)
  end
end
