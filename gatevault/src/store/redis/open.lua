-- Stores a new session. The user's logins with the previous stamp get the new one, and the oldest logins above the limit
-- are revoked. Returns the ids of those.
--
-- KEYS: the session; the list of the user's sessions; the list of revocations; the number of the last revocation; if the
--       stamp changes or the limit is reached, the sessions of the list
-- ARGV: the key prefix of sessions; the session's id; the previous stamp; the stamp; the milliseconds to keep the session;
--       the milliseconds to list it; the number of logins that may stay beside the new session, or ''; the caller's time;
--       the session
local session, listed, revocations, position = unpack(KEYS, 1, 4)
local prefix, id, previous, stamp, kept_for, listed_for, most, now, row = unpack(ARGV)

local restamps = previous ~= stamp
local is_limited = most ~= '' and redis.call('ZCARD', listed) > tonumber(most)
local others = declared_sessions(4, prefix)
local again = (restamps or is_limited) and undeclared(listed, others)
if again then
  return again
end

-- The first write of the script is one that a full server rejects.
redis.call('SET', session, row, 'PX', kept_for)
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
  local other_row = redis.call('GET', key)
  local login = lines_of(other_row)
  if not other_row or login and login.state == 'ended' then
    redis.call('ZREM', listed, other)
  elseif other ~= id and login and login.kind == 'login' then
    if restamps and login.stamp == previous then
      restamp(key, login, stamp)
    end
    if tonumber(now) < math.min(tonumber(login.expires_at), tonumber(login.token_expires_at)) then
      logins[#logins + 1] = { tonumber(login.authenticated_at), other, key, login }
    end
  end
end

local revoked = {}
if is_limited then
  table.sort(logins, function(one, other)
    return one[1] < other[1] or one[1] == other[1] and one[2] < other[2]
  end)
  for number = 1, #logins - most do
    local _, other, key, login = unpack(logins[number])
    end_session(listed, key, login, other)
    revoked[number] = other
  end
  record(revocations, position, revoked)
end
return { 'done', revoked }
