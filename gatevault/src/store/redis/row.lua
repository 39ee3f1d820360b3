-- Functions for scripts that read or change sessions. A session is one string, so that `rotate.lua` reads and writes it with one
-- command each. `rows.rs` has the meaning of each line.

local number, text = '^%d+$', '^.'
local first_lasting = 10
local lines = {
  { 'state', '^%a+$' }, { 'pool', text }, { 'stamp', text }, { 'token', text }, { 'previous', text },
  { 'issued_at', number }, { 'token_expires_at', number }, { 'kept_for', '^%-?%d+$' }, { 'separator', '^$' },
  -- From `first_lasting` on: no rotation changes these.
  { 'expires_at', number }, { 'refresh_lifetime', '^[%d.]*$' }, { 'user', text }, { 'kind', '^%a+$' },
  { 'authenticated_at', number }, { 'authentication', text }, { 'details', text },
}

-- Returns the lines of a session by name. Returns nil if the session does not exist or is malformed.
local function lines_of(row)
  local session, count = {}, 0
  for line in string.gmatch(row or '', '([^\n]*)\n') do
    count = count + 1
    local name, pattern = unpack(lines[count] or {})
    if not name or not string.find(line, pattern) then
      return nil
    end
    session[name] = line
  end
  return count == #lines and string.sub(row, -1) == '\n' and session or nil
end

-- Returns the string of a session, or only its lines from one on.
local function row_of(session, first)
  local values = {}
  for index = first or 1, #lines do
    values[#values + 1] = session[lines[index][1]]
  end
  return table.concat(values, '\n') .. '\n'
end

-- Gives a session another stamp. It stays as long as it would.
local function restamp(key, session, stamp)
  session.stamp = stamp
  redis.call('SET', key, row_of(session), 'KEEPTTL')
end

