-- Rotates the refresh token of a session if it is the current one and the session is active. Otherwise changes nothing.
-- Returns whether it rotated, and the session as it was before, with the milliseconds since its last rotation.
--
-- KEYS: the session
-- ARGV: the presented token; the stamp; the caller's time; the successor's id, time of issue and expiry; the milliseconds
--       to keep the session after its token has expired
local session = KEYS[1]
local presented, stamp, now, successor, issued_at, expires_at, slack = unpack(ARGV)

local row = redis.call('HMGET', session, 'user', 'token', 'issued_at', 'token_expires_at', 'previous', 'rotated_at',
  'stamp', 'expires_at', 'ended')
local user, token, token_issued_at, token_expires_at, previous, rotated_at, stamp_now, session_expires_at, revoked = unpack(row)
if not user then
  return false
end

local time = redis.call('TIME')
local now_in_millis = time[1] * 1000 + math.floor(time[2] / 1000)
local is_active = not revoked and tonumber(now) < tonumber(session_expires_at)
local rotates = is_active and stamp == stamp_now and presented == token
if rotates then
  local successor_expires_at = math.min(tonumber(expires_at), tonumber(session_expires_at))
  redis.call('HSET', session, 'token', successor, 'issued_at', issued_at, 'token_expires_at', successor_expires_at,
    'previous', presented, 'rotated_at', now_in_millis)
  redis.call('PEXPIRE', session, math.max(successor_expires_at - now, 0) * 1000 + slack)
end

local age = rotated_at and math.abs(now_in_millis - rotated_at) or 0
return { rotates and 1 or 0, user, token, token_issued_at, token_expires_at, previous, age, stamp_now,
  session_expires_at, revoked }
