-- Exchanges the refresh token of a session for its successor, if it is the current one and nothing speaks against it.
-- Otherwise changes nothing. Answers with whether it did, and the session as it was before, with how many milliseconds ago
-- it was rotated.
--
-- KEYS: the session
-- ARGV: the token presented, the stamp, the caller's time, the id of the successor, when it is issued, when it expires, for
--       how many milliseconds the session is kept when its token has expired
local session = KEYS[1]
local presented, stamp, now, successor, issued_at, expires_at, slack = unpack(ARGV)

local row = redis.call('HMGET', session, 'user', 'token', 'issued_at', 'token_expires_at', 'previous', 'rotated_at',
  'stamp', 'expires_at', 'ended')
local user, token, token_issued_at, token_expires_at, previous, rotated_at, stamp_now, session_expires_at, ended = unpack(row)
if not user then
  return false
end

local time = redis.call('TIME')
local moment = time[1] * 1000 + math.floor(time[2] / 1000)
local goes_on = not ended and tonumber(now) < tonumber(session_expires_at)
local rotates = goes_on and stamp == stamp_now and presented == token
if rotates then
  local until_then = math.min(tonumber(expires_at), tonumber(session_expires_at))
  redis.call('HSET', session, 'token', successor, 'issued_at', issued_at, 'token_expires_at', until_then,
    'previous', presented, 'rotated_at', moment)
  redis.call('PEXPIRE', session, math.max(until_then - now, 0) * 1000 + slack)
end

local age = rotated_at and math.abs(moment - rotated_at) or 0
return { rotates and 1 or 0, user, token, token_issued_at, token_expires_at, previous, age, stamp_now,
  session_expires_at, ended }
