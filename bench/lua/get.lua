-- GETs of the paths of a file, one after the other, or of the address itself over and over; prints one line of JSON.
local paths, n = {}, 0

function init(args)
  for line in args[1] and io.lines(args[1]) or function() end do paths[#paths + 1] = line end
end

function request()
  if #paths == 0 then return wrk.request() end
  n = n + 1
  return wrk.format("GET", paths[(n - 1) % #paths + 1])
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"durationSeconds":%f,"p50Ms":%f,"p99Ms":%f,"socketErrors":%d,"late":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout, summary.errors.status))
end
