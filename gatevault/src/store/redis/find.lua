-- Returns a session.
--
-- KEYS: the session
return redis.call('GET', KEYS[1])
