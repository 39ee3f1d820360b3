-- Writes a new authentication into an active login and rotates its refresh token. Otherwise changes nothing. If the successor is
-- the current token, that stays the same. Returns whether it stepped up, the milliseconds since the last rotation, and the
-- session as it was before.
--
-- KEYS: the session
-- ARGV: the pool, or ''; the user; the stamp; the caller's time; the successor's id, time of issue and expiry; the milliseconds
--       to keep the session after its token has expired; the methods; the class, or '' for none; '1' if there is a class
local session = KEYS[1]
local pool, user, stamp, now, successor, issued_at, expires_at, slack, amr, acr, has_acr = unpack(ARGV)

local row = redis.call('HGETALL', session)
local field = {}
for index = 1, #row, 2 do
  field[row[index]] = row[index + 1]
end
if field.user ~= user or (field.pool or '') ~= pool then
  return false
end

local time = redis.call('TIME')
local now_in_millis = time[1] * 1000 + math.floor(time[2] / 1000)
local is_active = not field.ended
  and tonumber(now) < math.min(tonumber(field.expires_at), tonumber(field.token_expires_at))
local steps_up = is_active and (field.kind or 'login') == 'login' and stamp == field.stamp
if steps_up then
  if field.refresh_lifetime then
    expires_at = issued_at + math.floor(tonumber(field.refresh_lifetime))
  end
  local token_expires_at = math.min(tonumber(expires_at), tonumber(field.expires_at))
  redis.call('HSET', session, 'authenticated_at', now, 'amr', amr, 'issued_at', issued_at, 'token_expires_at',
    token_expires_at)
  if has_acr == '1' then
    redis.call('HSET', session, 'acr', acr)
  else
    redis.call('HDEL', session, 'acr')
  end
  if successor ~= field.token then
    redis.call('HSET', session, 'token', successor, 'previous', field.token, 'rotated_at', now_in_millis)
  end
  redis.call('PEXPIRE', session, math.max(token_expires_at - now, 0) * 1000 + slack)
end

local age = field.rotated_at and math.abs(now_in_millis - field.rotated_at) or 0
return { steps_up and 1 or 0, age, row }
