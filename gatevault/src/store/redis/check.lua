-- Runs each command that a store needs, on a key that does not exist afterwards. Returns the name of the command that
-- failed and its error, or nil.
--
-- KEYS: a key under the prefix of the store
-- ARGV: the names of the commands
local key = KEYS[1]
local arguments = {
  DEL = { key },
  EXISTS = { key },
  GET = { key },
  HDEL = { key, 'field' },
  HINCRBY = { key, 'field', 1 },
  HMGET = { key, 'field' },
  HSET = { key, 'field', 'value' },
  INCR = { key },
  INCRBY = { key, 1 },
  PERSIST = { key },
  PEXPIRE = { key, 0 },
  PTTL = { key },
  SET = { key, 'value' },
  TIME = {},
  ZADD = { key, 1, 'member' },
  ZCARD = { key },
  ZCOUNT = { key, '-inf', '+inf' },
  ZRANGE = { key, 0, 0 },
  ZRANGEBYSCORE = { key, '-inf', '+inf' },
  ZREM = { key, 'member' },
  ZREMRANGEBYRANK = { key, 0, -1 },
  ZREMRANGEBYSCORE = { key, '-inf', '+inf' },
  ZSCORE = { key, 'member' },
}

for _, name in ipairs(ARGV) do
  if not arguments[name] then
    return { name, 'check.lua has no arguments for this command' }
  end
  local reply = redis.pcall(name, unpack(arguments[name]))
  -- Removes the key. All scripts that write also need this command.
  local removed = redis.pcall('PEXPIRE', key, 0)
  for _, answer in ipairs({ reply, removed }) do
    if type(answer) == 'table' and answer.err then
      return { name, answer.err }
    end
  end
end
return false
