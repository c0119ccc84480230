#!/bin/sh
# Debian's Caddy is older than {args[0]}, which was {args.0}.
sed 's/{args\[0\]}/{args.0}/' /etc/caddy/Caddyfile > /tmp/Caddyfile
exec caddy run --config /tmp/Caddyfile --adapter caddyfile
