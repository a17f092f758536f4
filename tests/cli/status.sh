# shellcheck shell=sh
# status and hook, as far as they go without services.

expect 64 hook
expect 64 hook bogus
expect 64 hook haproxy-alive now
expect 78 status --config bad.conf
expect 78 status --config good.conf
expect 64 status --json please

# A proxy in an image: no unit runs, no check answers, and HAProxy has no socket.
{ cat good.conf && printf '[node p]\naddress = 10.0.0.104\nroles = proxy\n'; } >proxy.conf
image
cp proxy.conf image/etc/cmonha-ui/cluster.conf
mkdir -p bin
printf '#!/bin/sh\nexit 3\n' >bin/systemctl
chmod 0755 bin/systemctl
PATH=$here/bin:$PATH
expect 0 apply --root "$here/image" --node p
expect 1 status --root "$here/image" --node p
silent err
says out "node p, cluster file "
says out "  virtual IP  10.0.0.200 is not on this node"
says out "  services    xinetd.service                 inactive"
says out "              cmonha-ui-haproxy.service      inactive"
says out "problem: cmonhachk does not answer: "
says out "problem: cmonha-ui-haproxy.service: is not running"
says out "problem: HAProxy does not answer: No such file or directory"
lacks out "status: OK"
lacks out "  differs"
rm image/etc/cmonha-ui/haproxy.cfg
expect 1 status --root "$here/image" --node p
says out 'problem: files differ from the cluster file (see "cmonha-ui diff")'
says out "  differs     $here/image/etc/cmonha-ui/haproxy.cfg"
# A mistake in the file of passwords is a problem among others.
echo 'admin' >image/etc/cmonha-ui/stats.passwords
expect 1 status --root "$here/image" --node p
says out "problem: $here/image/etc/cmonha-ui/stats.passwords:1: user admin has no password"
says out "problem: cmonha-ui-haproxy.service: is not running"
says out "  UI          http://10.0.0.200:81/"
rm image/etc/cmonha-ui/stats.passwords
# The keys are those of the manual page.
expect 1 status --json --root "$here/image" --node p
says out '"well": false'
sed -n 's/^  "\([a-z_]*\)": .*/\1/p' out | sort | tr '\n' ' ' >keys
is "the keys are $(cat keys)" test "$(cat keys)" = "checksum files_differing node problems services urls version vips warnings well "

# The whole cluster, without a network.
nobody_cluster 'port = 9' >nobody.conf
if unshare --map-root-user --net true 2>err; then
	connected=$tool
	printf '#!/bin/sh\nexec unshare --map-root-user --net %s "$@"\n' "$tool" >without-network
	chmod +x without-network
	tool=$PWD/without-network
	expect 1 status --cluster --config nobody.conf
	says out "NODE             ROLE "
	says out "critical: no web UI is shown: no controller answers"
	says out "critical: no node that answers has the virtual IP 192.0.2.200"
	says out "warning: cc3: "
	expect 1 status --cluster --json --config nobody.conf
	says out '"severity": "critical"'
	expect 2 status --cluster --monitoring --config nobody.conf
	lines out 1
	says out "CMONHA CRITICAL: no web UI is shown: no controller answers; "
	says out " | nodes_answering=0;;;0;3 problems=5;;;0"
	tool=$connected
else
	skip "status --cluster: no network namespace ($(head -n 1 err))"
fi
expect 3 status --cluster --monitoring --config bad.conf
says out "CMONHA UNKNOWN: "
expect 78 status --cluster --config bad.conf
expect 64 status --monitoring
