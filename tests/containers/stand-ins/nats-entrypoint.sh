#!/bin/sh
# Debian's server is older than sync_interval.
mkdir -p /tmp/nats
cp -r /etc/nats/* /tmp/nats/
sed -i '/sync_interval/d' /tmp/nats/nats.conf
exec nats-server --config /tmp/nats/nats.conf
