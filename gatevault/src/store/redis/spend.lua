-- Records a spent token if it was not recorded before. Returns whether it did.
--
-- The earlier of both clocks decides how long the record stays.
--
-- KEYS: the token
-- ARGV: the caller's time; the time until which to keep the record
local token = KEYS[1]
local now, kept_until = tonumber(ARGV[1]), tonumber(ARGV[2])

local time = redis.call('TIME')
local kept_for = math.max(kept_until - math.min(now, tonumber(time[1])), 1)
return redis.call('SET', token, '1', 'NX', 'PX', kept_for * 1000) and 1 or 0
