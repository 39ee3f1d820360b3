-- Returns the sessions of a user that are not revoked, and removes those from the list that no longer exist.
--
-- KEYS: the list of the user's sessions
-- ARGV: the key prefix of sessions
local listed, prefix = KEYS[1], ARGV[1]

local sessions = {}
for _, id in ipairs(redis.call('ZRANGE', listed, 0, -1)) do
  local label, authenticated_at, expires_at, token, issued_at, token_expires_at, revoked = unpack(redis.call('HMGET',
    prefix .. id, 'label', 'authenticated_at', 'expires_at', 'token', 'issued_at', 'token_expires_at', 'ended'))
  if not token then
    redis.call('ZREM', listed, id)
  elseif not revoked then
    sessions[#sessions + 1] = { id, label, authenticated_at, expires_at, token, issued_at, token_expires_at }
  end
end
return sessions
