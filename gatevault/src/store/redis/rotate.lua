-- Rotates the refresh token of a session if it is the current one and the session is active. Otherwise changes nothing.
-- Returns whether it rotated, the milliseconds since the last rotation, and the session as it was before.
--
-- KEYS: the session
-- ARGV: the pool, or ''; the presented token; the stamp; the caller's time; the successor's id, time of issue and expiry;
--       the milliseconds to keep the session after its token has expired
local session = KEYS[1]
local pool, presented, stamp, now, successor, issued_at, expires_at, slack = unpack(ARGV)

local row = redis.call('HGETALL', session)
local field = {}
for index = 1, #row, 2 do
  field[row[index]] = row[index + 1]
end
if not field.user or (field.pool or '') ~= pool then
  return false
end

local time = redis.call('TIME')
local now_in_millis = time[1] * 1000 + math.floor(time[2] / 1000)
local is_active = not field.ended and tonumber(now) < tonumber(field.expires_at)
local rotates = is_active and stamp == field.stamp and presented == field.token
if rotates then
  if field.refresh_lifetime then
    expires_at = issued_at + math.floor(tonumber(field.refresh_lifetime))
  end
  local token_expires_at = math.min(tonumber(expires_at), tonumber(field.expires_at))
  redis.call('HSET', session, 'token', successor, 'issued_at', issued_at, 'token_expires_at', token_expires_at,
    'previous', presented, 'rotated_at', now_in_millis)
  redis.call('PEXPIRE', session, math.max(token_expires_at - now, 0) * 1000 + slack)
end

local age = field.rotated_at and math.abs(now_in_millis - field.rotated_at) or 0
return { rotates and 1 or 0, age, row }
