# shellcheck shell=bash
# What several parts need. Sourced by cases/*.sh.

NODES=(cc1 cc2 cc3)

cluster_file() {
	local node
	printf '[cluster]\nvip = %s/24\n\n[ui]\nforward = 81:80\n' "$LAB_VIP"
	for node in "${NODES[@]}"; do printf '\n[node %s]\naddress = %s\n' "$node" "$(node_address "$node")"; done
}

# check_answer NODE [PATH]: the status code that NODE's check gives to another node, which is allowed to ask.
check_answer() {
	local client=cc1
	[ "$1" != cc1 ] || client=cc2
	node_exec "$client" curl -s -m 3 -o /dev/null -w '%{http_code}' "http://$(node_address "$1"):9201${2:-/}"
}

check_says() { [ "$(check_answer "$1")" = "$2" ]; }

# check_reason NODE: the reason in machine words.
check_reason() {
	local client=cc1
	[ "$1" != cc1 ] || client=cc2
	node_exec "$client" curl -s -m 3 -o /dev/null -D - "http://$(node_address "$1"):9201/" |
		sed -n 's/\r$//; s/^X-Cmonha-Reason: //p'
}

reason_is() { [ "$(check_reason "$1")" = "$2" ]; }

# check_unit NODE: what serves the check there.
check_unit() {
	if node_exec "$1" test -x /usr/sbin/xinetd; then echo xinetd.service; else echo cmonha-ui-check.service; fi
}

leader() {
	local node
	for node in "${NODES[@]}"; do
		if node_on "$node" && sim "$node" status | grep -q '"role": "leader"'; then echo "$node"; fi
	done
}

# Another node than the one named.
other() { printf "%s\n" "${NODES[@]}" | grep -vx "$1" | head -n 1; }

holder() { vip_holders | head -n 1; }
one_holder() { [ "$(vip_holders | wc -l)" = 1 ]; }
holder_is_not() { one_holder && [ "$(holder)" != "$1" ]; }

# page NODE: the VIP shows the page of NODE as the leader, within the limit (no measure, just patience).
page() { probe until "node=$1" role=leader --limit "${2:-15}" >/dev/null; }
page_of_leader() { probe until role=leader --limit "${1:-15}" >/dev/null; }

# A node that just booted may not get its votes at the first try.
make_leader() { wait_until 10 leads_now "$1"; }
leads_now() { is_leader "$1" || { sim "$1" lead >/dev/null 2>&1 && is_leader "$1"; }; }
is_leader() { [ "$(leader)" = "$1" ]; }

# serves NODE [SECONDS]: its status reports no problem, within the limit (no measure, just patience).
serves() { wait_until "${2:-20}" node_exec "$1" cmonha-ui status || wrong "$1 does not serve: $(node_exec "$1" cmonha-ui status 2>&1)"; }

# every_try COMMAND...: a client polls the VIP meanwhile, and meets the leader's page at each try. No function in the
# background: the PID is the client's own.
every_try() {
	local client
	nsenter --net="/run/netns/${LAB_NS}client" -- "$LAB_DIR/probe" follow --all --seconds 300 >"$LAB_RUN/history" &
	client=$!
	# shellcheck disable=SC2064 # the local variable is gone by then
	trap "kill -TERM $client 2>/dev/null || true" EXIT
	"$@"
	kill -TERM "$client" || wrong "the client ended before it was to"
	wait "$client" || true
	trap - EXIT
	[ -s "$LAB_RUN/history" ] || wrong "nothing was polled"
	! grep -q 'role=follower' "$LAB_RUN/history" || wrong "a follower was shown"
	! grep -qv 'status=200' "$LAB_RUN/history" || wrong "not every try was answered: $(grep -v 'status=200' "$LAB_RUN/history" | head -n 3)"
}

# apply_everywhere FILE: this cluster file on each node.
apply_everywhere() {
	local node
	for node in "${NODES[@]}"; do
		"$LAB" copy "$1" "$node:/etc/cmonha-ui/cluster.conf"
		node_exec "$node" cmonha-ui apply
	done
}

unit_pids() {
	local group
	group=$(node_exec "$1" systemctl show -p ControlGroup --value "$2")
	node_exec "$1" cat "/sys/fs/cgroup$group/cgroup.procs"
}

# kill_unit NODE UNIT SIGNAL: every process of the unit, by pid. A short-lived child may have ended meanwhile.
kill_unit() {
	local pids
	pids=$(unit_pids "$1" "$2")
	# shellcheck disable=SC2086 # a list
	[ -n "$pids" ] && { node_exec "$1" kill "-$3" $pids || true; }
}

# What a package could have touched: names, modes, owners and contents below /etc, and the boot links. Backup copies
# that passwd tools leave and the cache of the dynamic linker are not contents of anybody.
snapshot() {
	# shellcheck disable=SC2016 # for the inner shell
	node_exec "$1" sh -c 'cd / && find etc usr/lib/systemd lib/systemd usr/share/cmonha-ui var/lib/cmonha-ui run/cmonha-ui \
		-not -name "passwd-" -not -name "group-" -not -name "shadow-" -not -name "gshadow-" -not -name "sub?id-" \
		-not -name ld.so.cache -not -name .updated -not -name machine-id \
		-printf "%p %m %u %g %y %l\n" -type f -exec md5sum {} + 2>/dev/null | sort'
}
