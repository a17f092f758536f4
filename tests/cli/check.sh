# shellcheck shell=sh
# check: every error with its line.

expect 0 check good.conf
lines out 1
says out "good.conf: 3 nodes, no errors"
silent err
expect 0 check --config good.conf
says out "good.conf: 3 nodes, no errors"
# Not one of them silently.
expect 64 check --config bad.conf good.conf
silent out
says err 'check: --config and FILE exclude each other'
expect 0 check "$repository/conf/cluster.conf.example"
expect 0 check warning.conf
says err "warning.conf: [check] quorum: warning: "
expect 78 check bad.conf
silent out
lines err 6
says err 'bad.conf:2: [cluster] vip: "nowhere" is not'
says err 'bad.conf:3: [cluster] virtual_router_id: "256" is out of range (expected: NUMBER, range 1 to 255)'
says err 'bad.conf:5: [ui] forward: "81" must be LISTEN:PORT'
says err 'bad.conf:6: [ui] colour: unknown key'
says err 'bad.conf:9: [node cc1] duplicate node (first in line 7)'
says err 'bad.conf: warning: only one proxy node'
expect 78 check missing.conf
says err 'missing.conf: cannot read the cluster file: No such file or directory (create it with "cmonha-ui init")'
expect 78 check .
says err '.: cannot read the cluster file: Is a directory'
mkfifo fifo
expect 78 check fifo
head -c 1048577 /dev/zero >large.conf
expect 78 check large.conf
says err 'large.conf: cannot read the cluster file: File too large'
: >empty.conf
expect 78 check empty.conf
says err 'empty.conf: [cluster] vip: required key is missing'
head -c 4096 /dev/urandom >junk.conf
expect 78 check junk.conf
expect 64 check --config
expect 64 check good.conf bad.conf
expect 64 check --root relative good.conf
says err '--root must be an absolute path'
image
expect 0 check --root "$here/image"
says out "$here/image/etc/cmonha-ui/cluster.conf: 3 nodes, no errors"

# Errors of this host name the file that was given, and the line if the key is in it.
sed 's/interface = eth1/interface = cmonha-none/; $a roles = controller' good.conf >live.conf
expect 78 check --live --root "$here/image" --node cc1 live.conf
says err "live.conf:3: [cluster] interface: there is no interface cmonha-none; there "
lacks err "/etc/cmonha-ui/cluster.conf"
lacks err "live.conf: [cluster] vip"
expect 78 check --live --node cc1 --config live.conf --templates "$repository/conf/templates"
says err "live.conf:3: [cluster] interface: "
