-- Revokes those sessions of a user that are active, removes them from the user's list, records the revocations, and returns
-- the ids of the sessions.
--
-- KEYS: the list of the user's sessions; the list of revocations; the number of the last revocation; the sessions to revoke
-- ARGV: the key prefix of sessions; 'whole' if the sessions of the whole list must be declared, or 'part'; the user; the
--       pool, or 'null'; the only kind of session to revoke, or ''; the id of a login to keep, or ''; the new stamp of that login
local listed, revocations, position = KEYS[1], KEYS[2], KEYS[3]
local prefix, coverage, user, pool, only, kept, stamp = unpack(ARGV)

local ids = declared_sessions(3, prefix)
local again = coverage == 'whole' and undeclared(listed, ids)
if again then
  return again
end

local revoked, has_malformed = {}, false
for index, id in ipairs(ids) do
  local key = KEYS[index + 3]
  local row = redis.call('GET', key)
  local session = lines_of(row)
  local is_owned = session and session.user == user and session.pool == pool
  local is_matching = is_owned and (only == '' or session.kind == only)
  if is_matching and id == kept then
    restamp(key, session, stamp)
  elseif is_matching and session.state ~= 'ended' then
    end_session(listed, key, session, id)
    revoked[#revoked + 1] = id
  end
  has_malformed = has_malformed or row and not session
end
record(revocations, position, revoked)
if has_malformed then
  -- The others are revoked all the same.
  return redis.error_reply('ERR a session is malformed')
end
return { 'done', revoked }
