-- Rotates the refresh token of a session if it is the current one and the session is active. Otherwise changes nothing.
-- Returns the lines of a rotated session that no rotation changes. Returns any other session as it is, and the milliseconds until
-- it expires. `row.lua` has the names of the lines.
--
-- KEYS: the session
-- ARGV: the first lines of the session if the token is the current one, up to that token; its first lines after the rotation, up
--       to the time of issue; the caller's time; the successor's time of issue and expiry; the milliseconds to keep the session
--       if the successor expires then, and if it has expired
local session = KEYS[1]
local head, next_head, now, issued_at, expires_at, kept_for, slack = unpack(ARGV)

local row = redis.call('GET', session)
if row and string.find(row, head, 1, true) == 1 then
  -- The lines that the rotation replaces, an empty line, and the first of those that it does not change.
  local start, ends_at, lifetime = string.match(row, '^[^\n]+\n%d+\n%d+\n%-?%d+\n\n()(%d+)\n([%d.]*)\n', #head + 1)
  if start and string.byte(row, -1) == 10 and tonumber(now) < tonumber(ends_at) then
    local lasting = string.sub(row, start)
    if lifetime ~= '' or tonumber(expires_at) > tonumber(ends_at) then
      local own = lifetime ~= '' and issued_at + math.floor(tonumber(lifetime)) or tonumber(expires_at)
      local earlier = math.min(own, tonumber(ends_at))
      -- Lua would round numbers of more than 14 digits.
      expires_at = string.format('%.0f', earlier)
      kept_for = string.format('%.0f', math.max(earlier - now, 0) * 1000 + slack)
    end
    local row_after = next_head .. expires_at .. '\n' .. kept_for .. '\n\n' .. lasting
    redis.call('SET', session, row_after, 'PX', kept_for)
    return lasting
  end
end
return row and { row, redis.call('PTTL', session) }
