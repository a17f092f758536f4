# shellcheck shell=bash
# Erased while the others serve; what dnf takes along; the cluster file that stays; and an erase that cannot fail.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

ports_closed() { ! node_exec "$1" ss -Htln | grep -qE ':(81|9201|9600) '; }

is_gone() {
	local node=$1
	wait_until 5 ports_closed "$node" || wrong "a port is open: $(node_exec "$node" ss -Htln)"
	! vip_holders | grep -qx "$node" || wrong "the VIP is still there"
	node_exec "$node" systemctl list-units --all --no-legend 'cmonha-ui*' | grep . && wrong "a unit is left"
	node_exec "$node" sh -c 'find /etc/systemd /etc/cmonha-ui /var/lib/cmonha-ui /run/cmonha-ui -name "*cmonha*" -o -type f' 2>/dev/null |
		grep -vx -e /etc/cmonha-ui -e /etc/cmonha-ui/cluster.conf | grep cmonha && wrong "a file is left"
	return 0
}

# dnf removes what was installed for it, HAProxy and keepalived, in the same transaction, as it does by default.
erased() {
	make_leader cc2
	page cc2
	node_exec cc3 dnf -y remove cmonha-ui >"$LAB_RUN/erase.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/erase.log")"
	! grep -qiE 'scriptlet failed|warning|error' "$LAB_RUN/erase.log" || wrong "$(grep -iE 'scriptlet failed|warning|error' "$LAB_RUN/erase.log")"
	node_exec cc3 sh -c '! rpm -q cmonha-ui haproxy keepalived' >/dev/null || wrong "a package is left"
	is_gone cc3
	diff <(grep -E '^[0-9a-f]{32}  etc/services$' "$LAB_RUN/before.cc3") <(snapshot cc3 | grep -E '^[0-9a-f]{32}  etc/services$') ||
		wrong "/etc/services is not as before"
	page_of_leader || wrong "the other nodes do not serve"
}

# The cluster file is the administrator's: it stayed, and the next installation is a first one.
installed_again() {
	node_exec cc3 cmp /etc/cmonha-ui/cluster.conf - <"$LAB_RUN/cluster.conf" || wrong "the cluster file was not kept"
	node_exec cc3 dnf -y install cmonha-ui >"$LAB_RUN/install.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/install.log")"
	wait_until 15 node_exec cc3 cmonha-ui status || wrong "$(tail -n 15 "$LAB_RUN/install.log")"
	node_exec cc3 rpm -V cmonha-ui || wrong "rpm -V reports a difference"
}

# Another instance runs, so "remove" changes nothing, and dnf cannot be told to wait: the erase must end all the same, with
# the services stopped and disabled.
erased_while_locked() {
	local lock
	exec {lock}> >(node_exec cc3 flock /var/lib/cmonha-ui/lock cat >/dev/null)
	wait_until 5 is_locked || wrong "no lock"
	node_exec cc3 dnf -y remove cmonha-ui >"$LAB_RUN/erase.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/erase.log")"
	exec {lock}>&-
	node_exec cc3 sh -c '! rpm -q cmonha-ui' >/dev/null || wrong "the package is left"
	! vip_holders | grep -qx cc3 || wrong "the VIP is still there"
	node_exec cc3 ss -Htln | grep -qE ':(81|9600) ' && wrong "HAProxy runs on"
	return 0
}
is_locked() { ! node_exec cc3 flock --nonblock /var/lib/cmonha-ui/lock true; }

erased_everywhere() {
	local node
	for node in cc1 cc2; do
		node_exec "$node" dnf -y remove cmonha-ui >"$LAB_RUN/erase.log" 2>&1 || wrong "$node: $(tail -n 15 "$LAB_RUN/erase.log")"
		is_gone "$node"
	done
}

t_run "erased with HAProxy and keepalived: nothing is left but the cluster file" erased
t_run "installed again with the kept cluster file: it serves" installed_again
t_run "erased while another instance holds the lock: the services are stopped" erased_while_locked
t_run "erased on the other nodes" erased_everywhere
signed_end
