-- Functions for scripts that access the sessions of a user's list. The caller declares the keys of these sessions, behind the
-- fixed keys of the script.

-- Returns the ids of the declared sessions.
local function declared_sessions(fixed, prefix)
  local ids = {}
  for number = fixed + 1, #KEYS do
    ids[#ids + 1] = string.sub(KEYS[number], #prefix + 1)
  end
  return ids
end

-- Returns nil if exactly the sessions of the list are declared. Otherwise the reply that asks the caller to declare those of
-- the list: another client has changed it.
local function undeclared(listed, declared)
  local ids = redis.call('ZRANGE', listed, 0, -1)
  local is_same = #ids == #declared
  for number, id in ipairs(ids) do
    is_same = is_same and id == declared[number]
  end
  if not is_same then
    return { 'again', ids }
  end
end

