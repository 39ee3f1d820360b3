-- Answers with the number of the last end, and the sessions that have ended from a number on.
--
-- KEYS: the list of ends, the number of the last end
-- ARGV: the first number
local ends, position, first = KEYS[1], KEYS[2], ARGV[1]

return { redis.call('GET', position) or '0', redis.call('ZRANGEBYSCORE', ends, first, '+inf') }
