-- Stores a new session. The user's logins with the previous stamp get the new one, and the oldest logins above the limit
-- are revoked. Returns the ids of those.
--
-- KEYS: the session; the list of the user's sessions; the list of revocations; the number of the last revocation; if the
--       stamp changes or the limit is reached, the sessions of the list
-- ARGV: the key prefix of sessions; the session's id; the previous stamp; the stamp; the milliseconds to keep the session;
--       the milliseconds to list it; the number of logins that may stay beside the new session, or ''; the caller's time;
--       then the fields of the session
local session, listed, revocations, position = unpack(KEYS, 1, 4)
local prefix, id, previous, stamp, kept_for, listed_for, most, now = unpack(ARGV, 1, 8)

local restamps = previous ~= stamp
local is_limited = most ~= '' and redis.call('ZCARD', listed) > tonumber(most)
local others = declared_sessions(4, prefix)
local again = (restamps or is_limited) and undeclared(listed, others)
if again then
  return again
end

-- The first write of the script is one that a full server rejects.
redis.call('HSET', session, unpack(ARGV, 9))
redis.call('PEXPIRE', session, kept_for)
local time = redis.call('TIME')
local now_in_millis = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', listed, now_in_millis + listed_for, id)
redis.call('ZREMRANGEBYSCORE', listed, '-inf', now_in_millis)
if redis.call('PTTL', listed) < tonumber(listed_for) then
  redis.call('PEXPIRE', listed, listed_for)
end

local logins = {}
for index, other in ipairs(others) do
  local key = KEYS[index + 4]
  local row_stamp, kind, authenticated_at, expires_at, token_expires_at, ended = unpack(redis.call('HMGET', key, 'stamp',
    'kind', 'authenticated_at', 'expires_at', 'token_expires_at', 'ended'))
  if not row_stamp or ended then
    redis.call('ZREM', listed, other)
  elseif other ~= id then
    local is_login = (kind or 'login') == 'login'
    if restamps and is_login and row_stamp == previous then
      redis.call('HSET', key, 'stamp', stamp)
    end
    local is_active = tonumber(now) < math.min(tonumber(expires_at), tonumber(token_expires_at))
    if is_login and is_active then
      logins[#logins + 1] = { tonumber(authenticated_at), other, key }
    end
  end
end

local revoked = {}
if is_limited then
  table.sort(logins, function(one, other)
    return one[1] < other[1] or one[1] == other[1] and one[2] < other[2]
  end)
  for number = 1, #logins - most do
    local _, other, key = unpack(logins[number])
    end_session(listed, key, other)
    revoked[number] = other
  end
  record(revocations, position, revoked)
end
return { 'done', revoked }
