-- Revokes those sessions of a user that are active, removes them from the user's list, records the revocations, and returns
-- the ids of the sessions.
--
-- KEYS: the list of the user's sessions; the list of revocations; the number of the last revocation; the sessions to revoke
-- ARGV: the key prefix of sessions; 'whole' if the sessions of the whole list must be declared, or 'part'; the user; the
--       pool, or ''; the only kind of session to revoke, or ''; the id of a login to keep, or ''; the new stamp of that login
local listed, revocations, position = KEYS[1], KEYS[2], KEYS[3]
local prefix, coverage, user, pool, only, kept, stamp = unpack(ARGV)

local ids = declared_sessions(3, prefix)
local again = coverage == 'whole' and undeclared(listed, ids)
if again then
  return again
end

local revoked = {}
for index, id in ipairs(ids) do
  local session = KEYS[index + 3]
  local row_user, row_pool, kind, ended = unpack(redis.call('HMGET', session, 'user', 'pool', 'kind', 'ended'))
  local is_owned = row_user == user and (row_pool or '') == pool
  local is_matching = is_owned and (only == '' or (kind or 'login') == only)
  if is_matching and id == kept then
    redis.call('HSET', session, 'stamp', stamp)
  elseif is_matching and not ended then
    end_session(listed, session, id)
    revoked[#revoked + 1] = id
  end
end
record(revocations, position, revoked)
return { 'done', revoked }
