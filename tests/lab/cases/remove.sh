# shellcheck shell=bash
# Gone without a trace.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

removed_and_back() {
	make_leader cc2 # a leader without its check is no leader to anybody
	page cc2
	node_exec cc1 cmonha-ui remove
	node_exec cc1 grep -q '^cmonhachk' /etc/services && wrong "the line is still there"
	node_exec cc1 test -e /etc/cmonha-ui/cluster.conf || wrong "the cluster file is gone"
	wait_until 3 port_is_free cc1 9201 || wrong "9201 is still open"
	page_of_leader || wrong "the other nodes do not serve"
	node_exec cc1 cmonha-ui apply
	node_exec cc1 cmonha-ui status
}
port_is_free() { ! node_exec "$1" ss -Htln "sport = :$2" | grep -q .; }

# Somebody adds a line behind ours: it must survive.
purged() {
	local node=$1
	node_exec "$node" sh -c 'echo "mine 12345/tcp" >>/etc/services'
	node_exec "$node" apt-get purge -y -q cmonha-ui >"$LAB_RUN/purge.log" 2>&1 || wrong "$(tail -n 5 "$LAB_RUN/purge.log")"
	node_exec "$node" tail -n 1 /etc/services | grep -qx 'mine 12345/tcp' || wrong "another's line in /etc/services is gone"
	node_exec "$node" sed -i "\$d" /etc/services
	diff "$LAB_RUN/before.$node" <(snapshot "$node") || wrong "the purge left or changed something"
	node_exec "$node" getent passwd cmonha-ui && wrong "the user is still there"
	node_exec "$node" ss -Htln | grep -qE ':(81|9201|9600) ' && wrong "a port is open"
	node_exec "$node" systemctl list-units --all --no-legend 'cmonha-ui*' | grep . && wrong "a unit is left"
	vip_holders | grep -qx "$node" && wrong "the VIP is still there"
	return 0
}

t_run "remove, and apply again" removed_and_back
for node in "${NODES[@]}"; do t_run "purge on $node: every file as before" purged "$node"; done
