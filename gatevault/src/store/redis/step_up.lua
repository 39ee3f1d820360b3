-- Writes a new authentication into an active login and rotates its refresh token. Otherwise changes nothing. If the successor is
-- the current token, that stays the same. Returns the lines of a changed session that no rotation changes, as they are now. Returns
-- any other session as it is, and the milliseconds until it expires.
--
-- KEYS: the session
-- ARGV: the pool, or 'null'; the user; the stamp; the caller's time; the successor's id, time of issue and expiry; the milliseconds
--       to keep the session after its token has expired; the authentication
local key = KEYS[1]
local pool, user, stamp, now, successor, issued_at, expires_at, slack, authentication = unpack(ARGV)

local row = redis.call('GET', key)
if not row then
  return false
end
local left = redis.call('PTTL', key)
local session = lines_of(row)
local is_login = session and session.user == user and session.pool == pool and session.kind == 'login'
local steps_up = is_login and session.state == 'active' and session.stamp == stamp
  and tonumber(now) < math.min(tonumber(session.expires_at), tonumber(session.token_expires_at))
if not steps_up then
  return { row, left }
end

if session.refresh_lifetime ~= '' then
  expires_at = issued_at + math.floor(tonumber(session.refresh_lifetime))
end
local token_expires_at = math.min(tonumber(expires_at), tonumber(session.expires_at))
local kept_for = math.max(token_expires_at - now, 0) * 1000 + slack
if successor == session.token then
  -- The last rotation stays as long ago as it was.
  session.kept_for = string.format('%.0f', kept_for + session.kept_for - left)
else
  session.kept_for = string.format('%.0f', kept_for)
  session.token, session.previous = successor, session.token
end
session.issued_at, session.token_expires_at = issued_at, string.format('%.0f', token_expires_at)
session.authenticated_at, session.authentication = now, authentication
redis.call('SET', key, row_of(session), 'PX', string.format('%.0f', kept_for))
return row_of(session, first_lasting)
