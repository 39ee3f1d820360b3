-- Returns the sessions of a user that are not revoked, and removes those from the list that no longer exist.
--
-- KEYS: the list of the user's sessions; the sessions of the list
-- ARGV: the key prefix of sessions; 'whole' if the sessions of the whole list must be declared, or 'part'
local listed = KEYS[1]
local prefix, coverage = ARGV[1], ARGV[2]

local ids = declared_sessions(1, prefix)
local again = coverage == 'whole' and undeclared(listed, ids)
if again then
  return again
end

local sessions = {}
for index, id in ipairs(ids) do
  local row = redis.call('GET', KEYS[index + 1])
  if not row or string.find(row, 'ended\n', 1, true) == 1 then
    redis.call('ZREM', listed, id)
  else
    sessions[#sessions + 1] = { id, row }
  end
end
return { 'done', sessions }
