-- Returns the fields of a session.
--
-- KEYS: the session
return redis.call('HGETALL', KEYS[1])
