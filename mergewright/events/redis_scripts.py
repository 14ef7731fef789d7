"""What Redis does in one step: the Lua scripts of the event log, and where its keys are.

A script runs alone and is one transaction of the append-only file: after a crash all of it is
there, or nothing. All keys have one hash tag, so a cluster keeps them in one place.

    layout        hash: format, version, id of this log, last sequence number
    log           stream: one entry `<seq>-0` per event with `body` and `digest`; consumers read it
    index:<run>   stream: the run's sequence numbers, with their types
    type:<type>   stream: the type's sequence numbers
    keys:<run>    hash: `<type> <natural key>` to sequence number
    run:<run>     hash: digest and sequence number of its last event, and its sums
    days          hash: UTC day to its sum
    runs          sorted set: runs by the sequence number of their first event
    finished      sorted set: runs that have come to their end, by when (seconds since 1970)
    trimmed       set: runs whose events were removed
    hold:<run>, holders    who works on a run; see `redis_holds`

Source: https://redis.io/docs/latest/develop/programmability/eval-intro/, 2026-11-20.
"""

from typing import Final

KEY_PREFIX: Final = "{mergewright}:events:"
LAYOUT: Final = f"{KEY_PREFIX}layout"
LOG: Final = f"{KEY_PREFIX}log"

FORMAT: Final = "mergewright-events"
LAYOUT_VERSION: Final = 1

STALE: Final = 0
"""What `COMMIT` answers when something changed since it was looked at."""
TRIMMED: Final = "trimmed"
"""What `LOOK` answers in place of a head."""
REMOVED: Final = "ANOTHERLOG"
FOREIGN: Final = "FOREIGNDATA"

_PREFIX: Final = "local prefix = string.sub(KEYS[1], 1, -7)\n"

OPENING: Final = f"""{_PREFIX}
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
  return redis.error_reply('{REMOVED} the log that was opened is no longer there')
end
local function entry_of(item)
  local fields = {{}}
  for i = 1, #item[2], 2 do fields[item[2][i]] = item[2][i + 1] end
  return {{string.match(item[1], '^%d+'), fields.body or '', fields.digest or ''}}
end
local function entry(seq)
  local found = redis.call('XRANGE', prefix .. 'log', seq, seq)
  if found[1] then return entry_of(found[1]) end
  return {{seq}}
end
"""

FENCE: Final = """
local function fence(run, mine, milliseconds)
  local lease = prefix .. 'hold:' .. run
  if redis.call('HGET', prefix .. 'holders', run) ~= mine then
    return {redis.call('GET', lease) or '', redis.call('PTTL', lease), run}
  end
  redis.call('SET', lease, mine, 'NX', 'PX', milliseconds)
end
"""
"""A hold of a run that nobody else has taken is taken up again; else: who holds it now."""

LAY_OUT: Final = f"""{_PREFIX}
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' and redis.call('EXISTS', prefix .. 'log', prefix .. 'runs') == 0 then
  redis.call('HSET', KEYS[1], 'format', ARGV[1], 'version', ARGV[2], 'id', ARGV[3], 'seq', '0')
elseif kind ~= 'hash' then
  return redis.error_reply('{FOREIGN} the keys of the log hold something else')
end
return {{
  redis.call('HGET', KEYS[1], 'format') or '',
  redis.call('HGET', KEYS[1], 'version') or '',
  redis.call('HGET', KEYS[1], 'id') or '',
}}
"""
"""ARGV: format, version, id of a new log. Answers with those of the log that there is."""

LOOK: Final = f"""{OPENING}
local run = prefix .. 'run:' .. ARGV[2]
local sums = {{
  redis.call('HGET', run, 'held') or '0',
  redis.call('HGET', run, 'stage:' .. ARGV[3]) or '0',
  redis.call('HGET', prefix .. 'days', ARGV[4]) or '0',
}}
local heads, found, at = {{}}, {{}}, 6 + ARGV[5]
for i = 6, at - 1 do
  local name = prefix .. 'run:' .. ARGV[i]
  if redis.call('SISMEMBER', prefix .. 'trimmed', ARGV[i]) == 1 then
    heads[#heads + 1] = {{'{TRIMMED}', '0'}}
  else
    heads[#heads + 1] = {{redis.call('HGET', name, 'head') or '', redis.call('HGET', name, 'last') or '0'}}
  end
end
for i = at, #ARGV, 3 do
  local seq = redis.call('HGET', prefix .. 'keys:' .. ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
  found[#found + 1] = seq and entry(seq) or {{}}
end
return {{sums, heads, found}}
"""
"""What an append must know first. ARGV: log id; run, stage and day whose sums are asked for; number
of runs, runs; then run, type and key of each event that may be there."""

COMMIT: Final = f"""{OPENING}{FENCE}
local rows = 6 + 3 * ARGV[5]
for i = 6, rows - 1, 3 do
  local other = ARGV[i + 2] ~= '' and fence(ARGV[i], ARGV[i + 2], ARGV[4])
  if other then return other end
end
if ARGV[2] ~= '' and (redis.call('HGET', prefix .. 'days', ARGV[2]) or '0') ~= ARGV[3] then
  return {STALE}
end
for i = 6, rows - 1, 3 do
  if (redis.call('HGET', prefix .. 'run:' .. ARGV[i], 'head') or '') ~= ARGV[i + 1]
    or redis.call('SISMEMBER', prefix .. 'trimmed', ARGV[i]) == 1 then
    return {STALE}
  end
end
for i = rows, #ARGV, 9 do
  if ARGV[i + 2] ~= ''
    and redis.call('HEXISTS', prefix .. 'keys:' .. ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2]) == 1 then
    return {STALE}
  end
end
local before = tonumber(redis.call('HGET', KEYS[1], 'seq'))
local function id_of(row) return string.format('%.0f', before + 1 + (row - rows) / 9) end
-- A stream refuses a number that is not greater than its last: before anything else is written.
for i = rows, #ARGV, 9 do
  redis.call('XADD', prefix .. 'log', id_of(i) .. '-0', 'body', ARGV[i + 3], 'digest', ARGV[i + 4])
end
for i = rows, #ARGV, 9 do
  local run, type, key, seq = ARGV[i], ARGV[i + 1], ARGV[i + 2], id_of(i)
  local micros, stage, day, finished = ARGV[i + 5], ARGV[i + 6], ARGV[i + 7], ARGV[i + 8]
  redis.call('XADD', prefix .. 'index:' .. run, seq .. '-0', 't', type)
  redis.call('XADD', prefix .. 'type:' .. type, seq .. '-0', 't', '')
  redis.call('HSET', prefix .. 'run:' .. run, 'head', ARGV[i + 4], 'last', seq)
  redis.call('ZADD', prefix .. 'runs', 'NX', seq, run)
  if key ~= '' then redis.call('HSET', prefix .. 'keys:' .. run, type .. ' ' .. key, seq) end
  if micros ~= '' then
    redis.call('HINCRBY', prefix .. 'run:' .. run, 'held', micros)
    redis.call('HINCRBY', prefix .. 'run:' .. run, 'stage:' .. stage, micros)
    if day ~= '' then redis.call('HINCRBY', prefix .. 'days', day, micros) end
  end
  if finished == '-' then redis.call('ZREM', prefix .. 'finished', run)
  elseif finished ~= '' then redis.call('ZADD', prefix .. 'finished', finished, run) end
end
redis.call('HSET', KEYS[1], 'seq', id_of(#ARGV + 1 - 9))
return before + 1
"""
"""Write events if nothing changed since `LOOK`. ARGV: log id; day and its sum, or two empty texts;
milliseconds of a hold; number of runs; run, head and own hold of each; then per event: run, type,
key, body, digest, micros, stage, day, and when the run finished (`-`: it goes on). Answers with the
first sequence number, or as `FENCE`."""

FIND: Final = f"""{OPENING}
local seq = redis.call('HGET', prefix .. 'keys:' .. ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
return seq and entry(seq) or {{}}
"""
"""ARGV: log id, run, type, key. An entry without a body is one that is missing."""

RUN_IDS: Final = f"""{OPENING}
local limit = tonumber(ARGV[2])
if limit == 0 then return {{}} end
return redis.call('ZREVRANGE', prefix .. 'runs', 0, limit < 0 and -1 or limit - 1)
"""
"""ARGV: log id, at most so many runs; negative means all."""

READ: Final = f"""{OPENING}
local after, count, run = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local more, items, wanted = 0, {{}}, {{}}
local function scan(name)
  local found = redis.call('XRANGE', prefix .. name, '(' .. after, '+', 'COUNT', count)
  if #found == count then more = 1 end
  for _, item in ipairs(found) do items[#items + 1] = item end
end
local function seq_of(item) return tonumber(string.match(item[1], '^%d+')) end
for i = 5, #ARGV do wanted[ARGV[i]] = true end
if run ~= '' then
  scan('index:' .. run)
elseif #ARGV > 4 then
  for type in pairs(wanted) do scan('type:' .. type) end
  table.sort(items, function(one, other) return seq_of(one) < seq_of(other) end)
else
  scan('log')
end
local entries = {{}}
for i = 1, math.min(count, #items) do
  local item = items[i]
  after = string.match(item[1], '^%d+')
  if run == '' and #ARGV == 4 then
    entries[#entries + 1] = entry_of(item)
  elseif run == '' or #ARGV == 4 or wanted[item[2][2]] then
    entries[#entries + 1] = entry(after)
  end
end
if #items > count then more = 1 end
if run ~= '' and more == 0 then
  local last = redis.call('HGET', prefix .. 'run:' .. run, 'last') or '0'
  if tonumber(last) > tonumber(after) then entries[#entries + 1] = {{last}} end
end
return {{more, after, entries}}
"""
"""ARGV: log id, after, at most so many, run or nothing, types. Answers whether there may be more,
after which number, and entries; one without a body is missing."""

_GROUPS: Final = """
local function groups()
  local found = redis.pcall('XINFO', 'GROUPS', prefix .. 'log')
  if found.err then return {} end
  for i, reply in ipairs(found) do
    found[i] = {}
    for j = 1, #reply, 2 do found[i][reply[j]] = reply[j + 1] end
  end
  return found
end
"""
_BY_EFFECT: Final = "if redis.replicate_commands then redis.replicate_commands() end\n"
"""Redis 6 asks for it of scripts that write after they have looked at groups."""

JOIN: Final = f"""{_BY_EFFECT}{OPENING}{_GROUPS}
for _, group in ipairs(groups()) do
  if group.name == ARGV[2] then return 0 end
end
redis.call('XGROUP', 'CREATE', prefix .. 'log', ARGV[2], '0', 'MKSTREAM')
return 1
"""
"""Make a group that begins with the oldest event, if it is not there. ARGV: log id, group."""

ACKNOWLEDGE: Final = f"""{OPENING}
local count = 0
for i = 3, #ARGV do
  count = count + redis.call('XACK', prefix .. 'log', ARGV[2], ARGV[i] .. '-0')
end
return count
"""
"""ARGV: log id, group, sequence numbers. Answers how many were waiting for it."""

ENDED: Final = f"""{OPENING}
return redis.call('ZRANGEBYSCORE', prefix .. 'finished', '-inf', '(' .. ARGV[2])
"""
"""ARGV: log id, instant in seconds since 1970. Answers the runs that finished before."""

TRIM: Final = f"""{_BY_EFFECT}{OPENING}{_GROUPS}
local run, log = ARGV[2], prefix .. 'log'
local function seq_of(id) return tonumber(string.match(id, '^%d+')) end
local ended = redis.call('ZSCORE', prefix .. 'finished', run)
if not ended or tonumber(ended) >= tonumber(ARGV[3]) then return 0 end
local last = tonumber(redis.call('HGET', prefix .. 'run:' .. run, 'last'))
for _, group in ipairs(groups()) do
  local pending = redis.call('XPENDING', log, group.name)
  if seq_of(group['last-delivered-id']) < last
    or (pending[1] > 0 and seq_of(pending[2]) <= last) then
    return 0
  end
end
local items = redis.call('XRANGE', prefix .. 'index:' .. run, '-', '+')
for _, item in ipairs(items) do
  redis.call('XDEL', log, item[1])
  redis.call('XDEL', prefix .. 'type:' .. item[2][2], item[1])
end
redis.call('DEL', prefix .. 'index:' .. run, prefix .. 'keys:' .. run, prefix .. 'run:' .. run)
redis.call('ZREM', prefix .. 'runs', run)
redis.call('ZREM', prefix .. 'finished', run)
redis.call('HDEL', prefix .. 'holders', run)
redis.call('SADD', prefix .. 'trimmed', run)
return #items
"""
"""Remove a run that finished before an instant, unless a group has yet to acknowledge an event up
to its last. ARGV: log id, run, instant in seconds since 1970. Answers how many events went."""
