-- Ends a session of a user's list. Its key stays for an hour at most, so that a late refresh is known to be revoked.
local function end_session(listed, key, session, id)
  local left = redis.call('PTTL', key)
  local kept_for = left < 0 and 3600000 or math.max(math.min(left, 3600000), 1)
  session.state = 'ended'
  redis.call('SET', key, row_of(session), 'PX', kept_for)
  redis.call('ZREM', listed, id)
end

