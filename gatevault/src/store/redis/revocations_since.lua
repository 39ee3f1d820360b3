-- Returns the number of the last revocation, and the sessions revoked from a number on.
--
-- KEYS: the list of revocations; the number of the last revocation
-- ARGV: the first number
local revocations, position, first = KEYS[1], KEYS[2], ARGV[1]

return { redis.call('GET', position) or '0', redis.call('ZRANGEBYSCORE', revocations, first, '+inf') }
