-- Makes all that a store has recorded older, and removes what Redis would have removed meanwhile.
--
-- ARGV: the prefix of the keys; the seconds
local prefix, seconds = ARGV[1], tonumber(ARGV[2])

-- The lines of a session that are times of the caller: see `row.lua`.
local times = { [6] = true, [7] = true, [10] = true, [14] = true }

local function older_session(row)
  local lines, number = {}, 0
  for line in string.gmatch(row, '([^\n]*)\n') do
    number = number + 1
    lines[number] = times[number] and string.format('%.0f', tonumber(line) - seconds) or line
  end
  return table.concat(lines, '\n') .. '\n'
end

local function older_list(key, unit)
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    local score = tonumber(redis.call('ZSCORE', key, member)) - seconds * unit
    redis.call('ZREM', key, member)
    local older = string.gsub(member, '"until":(%d+)', function(time)
      return string.format('"until":%.0f', tonumber(time) - seconds)
    end)
    redis.call('ZADD', key, string.format('%.0f', score), older)
  end
end

for _, key in ipairs(redis.call('KEYS', prefix .. ':*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 and left <= seconds * 1000 then
    redis.call('DEL', key)
  else
    if string.find(key, prefix .. ':s:', 1, true) == 1 then
      redis.call('SET', key, older_session(redis.call('GET', key)), 'KEEPTTL')
    elseif string.find(key, 'user:', 1, true) then
      older_list(key, 1000)
    elseif key == prefix .. ':ended' then
      older_list(key, 1000000)
    elseif key == prefix .. ':position' then
      redis.call('SET', key, string.format('%.0f', tonumber(redis.call('GET', key)) - seconds * 1000000))
    end
    if left > 0 then
      redis.call('PEXPIRE', key, left - seconds * 1000)
    end
  end
end
