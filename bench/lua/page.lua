-- The same page over and over, with a cookie if one is given; prints one line of JSON.
function init(args)
  if args[1] then wrk.headers['cookie'] = args[1] end
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"durationSeconds":%f,"p50Ms":%f,"p99Ms":%f,"socketErrors":%d,"late":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout, summary.errors.status))
end
