-- Each request reserves the next ticket of a file, with a session and an Idempotency-Key of its own.
local ids, cookies, n = {}, {}, 0

function init(args)
  for line in io.lines(args[1]) do ids[#ids + 1] = line end
  for line in io.lines(args[2]) do cookies[#cookies + 1] = line end
end

function request()
  n = n + 1
  local id = ids[(n - 1) % #ids + 1]
  return wrk.format("POST", nil, {
    ["content-type"] = "application/json",
    ["cookie"] = cookies[n % #cookies + 1],
    ["idempotency-key"] = id,
  }, '{"ticketId":"' .. id .. '"}')
end


function done(summary, latency)
  io.write(string.format('{"requests":%d,"durationSeconds":%f,"p50Ms":%f,"p99Ms":%f,"socketErrors":%d,"late":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout, summary.errors.status))
end
