-- The same GET over and over; prints one line of JSON.
function done(summary, latency)
  io.write(string.format('{"requests":%d,"durationSeconds":%f,"p50Ms":%f,"p99Ms":%f,"socketErrors":%d,"late":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout, summary.errors.status))
end
