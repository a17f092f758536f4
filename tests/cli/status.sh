# shellcheck shell=sh
# status and hook, as far as they go without services.

expect 64 hook
expect 64 hook bogus
expect 64 hook haproxy-alive now
expect 78 status --config bad.conf
expect 78 status --config good.conf
expect 64 status --json please
