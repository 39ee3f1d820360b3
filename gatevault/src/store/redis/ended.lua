-- Ends a session of a user's list. Its key stays for an hour at most, so that a late refresh is known to be revoked.
local function end_session(listed, session, id)
  redis.call('HSET', session, 'ended', 1)
  redis.call('ZREM', listed, id)
  local left = redis.call('PTTL', session)
  if left < 0 or left > 3600000 then
    redis.call('PEXPIRE', session, 3600000)
  end
end

