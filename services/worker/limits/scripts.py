"""The gates' books in Redis. Each script is atomic and reads Redis's own clock.

Keys of one connection: a hash (`closed`, `t:<bucket>`, `l:<bucket>`, `o:<object>`) and a sorted set of calls under way by
the end of their leases. One more hash is everybody's: when these books were begun (`born`) and last used (`seen`). The same rules
in SQL are in the migration of `api.call_gates`.
"""

_CLOCK = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local life = redis.call('HMGET', KEYS[3], 'born', 'seen')
local born = tonumber(life[1])
if not born then
  born = now
  redis.call('HSET', KEYS[3], 'born', string.format('%.6f', now))
end
if not life[2] or now - tonumber(life[2]) > 0.2 then
  redis.call('HSET', KEYS[3], 'seen', string.format('%.6f', now))
end
"""

TAKE = (
    _CLOCK
    + """
local holder, object = ARGV[1], ARGV[2]
local patience, lease, grace, most = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local n = (#ARGV - 6) / 3
local fields = {'closed', 'o:' .. object}
for i = 1, n do fields[i + 2] = 't:' .. ARGV[4 + 3 * i] end
local found = redis.call('HMGET', KEYS[1], unpack(fields))
local closed = tonumber(found[1] or 0)
if closed > now then return {'closed', string.format('%.6f', closed - now), 0} end
if object ~= '' and found[2] then
  local till = tonumber(string.match(found[2], '[^ ]+$'))
  if till > now then return {'busy', string.format('%.6f', till - now), 0} end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= most then return {'full', '0', 0} end
if born + grace > now then return {'new', string.format('%.6f', born + grace - now), 0} end
local wait, worst, tats, last = 0, 1, {}, now
for i = 1, n do
  local spacing, slack = tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[6 + 3 * i])
  -- As if the bucket had been empty when the vendor let us in again, or the books were begun; but one that takes
  -- longer than a minute to fill was nearly full then: the first call of a day must not wait for what nobody used.
  local fill = slack + spacing
  if fill > 60 then fill = math.min(slack, 10) end
  local tat = math.max(tonumber(found[i + 2] or 0), math.max(born, closed) + fill)
  if tat - slack - now > wait then wait = tat - slack - now; worst = i end
  tats[i] = math.max(tat, now) + spacing
  last = math.max(last, tats[i])
end
if wait > patience then
  local key, spacing = 'l:' .. ARGV[4 + 3 * worst], tonumber(ARGV[5 + 3 * worst])
  local turn = math.max(tonumber(redis.call('HGET', KEYS[1], key) or 0), now + wait) + spacing
  turn = math.min(turn, now + wait + math.max(30, 20 * spacing))
  redis.call('HSET', KEYS[1], key, string.format('%.6f', turn))
  return {'late', string.format('%.6f', turn - now), worst}
end
local till = string.format('%.6f', now + wait + lease)
local set = {}
for i = 1, n do
  set[2 * i - 1] = 't:' .. ARGV[4 + 3 * i]
  set[2 * i] = string.format('%.6f', tats[i])
end
if object ~= '' then
  set[2 * n + 1] = 'o:' .. object
  set[2 * n + 2] = holder .. ' ' .. till
end
redis.call('HSET', KEYS[1], unpack(set))
redis.call('ZADD', KEYS[2], till, holder)
redis.call('EXPIRE', KEYS[1], math.ceil(last - now) + 3600)
redis.call('EXPIRE', KEYS[2], 3600)
return {'go', string.format('%.6f', wait), worst}
"""
)
"""holder, object, patience, lease, grace, concurrency, then name, spacing and slack of each bucket."""

HOLD = (
    _CLOCK
    + """
local till = string.format('%.6f', now + tonumber(ARGV[1]))
for i = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[2], till, ARGV[i])
  if ARGV[i + 1] ~= '' then redis.call('HSET', KEYS[1], 'o:' .. ARGV[i + 1], ARGV[i] .. ' ' .. till) end
end
redis.call('EXPIRE', KEYS[2], 3600)
return 'OK'
"""
)
"""lease, then holder and object of each call."""

LEAVE = """
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[2] ~= '' then
  local found = redis.call('HGET', KEYS[1], 'o:' .. ARGV[2])
  if found and string.match(found, '^[^ ]+') == ARGV[1] then redis.call('HDEL', KEYS[1], 'o:' .. ARGV[2]) end
end
return 'OK'
"""
"""holder, object."""

CLOSE = (
    _CLOCK
    + """
local till = now + tonumber(ARGV[1])
if till > tonumber(redis.call('HGET', KEYS[1], 'closed') or 0) then
  redis.call('HSET', KEYS[1], 'closed', string.format('%.6f', till))
  redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1])) + 3600)
end
return 'OK'
"""
)
"""seconds."""

CLOSED = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
return string.format('%.6f', math.max(tonumber(redis.call('HGET', KEYS[1], 'closed') or 0) - now, 0))
"""

RETURN = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local life = redis.call('HMGET', KEYS[1], 'born', 'seen')
if ARGV[1] == 'back' and (not life[2] or now - tonumber(life[2]) > 1) then
  redis.call('HSET', KEYS[1], 'born', string.format('%.6f', now))
end
redis.call('HSET', KEYS[1], 'seen', string.format('%.6f', now))
return 'OK'
"""
"""`back` from somebody who was here before and could not ask for a while. Where nobody else could either, the books
are begun anew: meanwhile others were kept, and what these say is old."""

SCRIPTS = {"take": TAKE, "hold": HOLD, "leave": LEAVE, "close": CLOSE, "closed": CLOSED, "return": RETURN}
