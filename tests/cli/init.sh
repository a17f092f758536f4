# shellcheck shell=sh
# init: writes a cluster file that check accepts, or nothing.

set -- --vip 10.0.0.200/24 --node cc1=10.0.0.101 --node cc2=10.0.0.102 --node cc3=10.0.0.103
expect 0 init "$@" --config new/made/cluster.conf
says out 'wrote new/made/cluster.conf'
silent err
mode new/made/cluster.conf 644
cp new/made/cluster.conf first.conf
expect 0 check first.conf
silent err
expect 73 init "$@" --config new/made/cluster.conf
says err 'new/made/cluster.conf already exists (use --force to overwrite)'
same new/made/cluster.conf first.conf
expect 0 init "$@" --force --config new/made/cluster.conf --forward 81:443 --set check.port=9999 --vip 10.0.0.201
for line in 'forward = 81:443' 'port = 9999' 'vip = 10.0.0.200/24, 10.0.0.201'; do
	is "has not written $line" grep -qx "$line" new/made/cluster.conf
done
expect 0 check new/made/cluster.conf
# What check would refuse is not written, and all of it is reported.
cp new/made/cluster.conf kept.conf
expect 78 init "$@" --force --config new/made/cluster.conf --forward 81 --set cluster.virtual_router_id=0
silent out
says err 'virtual_router_id: "0" is out of range'
says err 'forward: "81" must be LISTEN:PORT'
says err 'new/made/cluster.conf was not written'
same new/made/cluster.conf kept.conf
expect 78 init --vip 10.0.0.101 --node cc1=10.0.0.101,cc2=10.0.0.102 --config other.conf
says err 'is the address of node cc1'
absent other.conf
expect 64 init --config other.conf
says err 'init: --vip is required'
expect 64 init --vip 10.0.0.200 --config other.conf
says err 'init: --node is required'
expect 64 init --node cc1=10.0.0.101 --config other.conf
expect 64 init "$@" --config other.conf --set port=1
expect 64 init "$@" --config other.conf --set check.port
expect 64 init "$@" --config other.conf --set check.bogus=1
says err 'a --set or --node names a key that does not exist'
expect 64 init "$@" --config other.conf --set node.priority=1
expect 64 init "$@" --config other.conf --node 10.0.0.104
says err 'a --set or --node must be a list of NAME=ADDRESS'
expect 64 init "$@" --config other.conf --set "check.port=9201
preempt = yes"
absent other.conf
expect 73 init "$@" --config good.conf/below
expect 73 init "$@" --config ''
