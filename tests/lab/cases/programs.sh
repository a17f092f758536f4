# shellcheck shell=bash
# The distribution upgrades HAProxy, keepalived and a library under load: this package's processes run what is installed.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

apt() { node_exec "$1" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 "${@:2}" >"$LAB_RUN/$1.apt" 2>&1; }
got() { apt "$@" || wrong "$1: apt ${*:2}: $(tail -n 5 "$LAB_RUN/$1.apt")"; }

# upgraded NODE PACKAGE: to the version of publish_newer.
upgraded() {
	got "$1" install --only-upgrade "$2"
	node_exec "$1" dpkg-query -W -f '${Version}' "$2" | grep -q '+lab1$' || wrong "$1: $2 was not upgraded"
}

# newer PACKAGE FILE: publishes its next version, whose FILE has another byte at its end.
newer() {
	local deb dir=$LAB_RUN/newer file
	deb=$(find "$LAB_RUN/repo" -name "$1_*.deb" ! -name '*lab1*')
	dpkg-deb -R "$deb" "$dir"
	file=$(find "$dir" -type f -path "$dir/$2")
	[ -n "$file" ] || wrong "$1 has no $2"
	printf '\n' >>"$file"
	sed -i 's/^Version: .*/&+lab1/' "$dir/DEBIAN/control"
	dpkg-deb -b "$dir" "$LAB_RUN/newer-debs/$1_lab1.deb" >/dev/null
	rm -r "$dir"
}

publish_newer() {
	local node
	mkdir "$LAB_RUN/newer-debs"
	newer haproxy usr/sbin/haproxy
	newer keepalived usr/sbin/keepalived
	newer libjansson4 'usr/lib/*/libjansson.so.4.*'
	"$LAB" publish "$LAB_RUN"/newer-debs/*.deb
	for node in "${NODES[@]}"; do node_exec "$node" apt-get update -q >/dev/null; done
}

main_pid() { node_exec "$1" systemctl show -p MainPID --value "cmonha-ui-$2.service"; }
# What it runs is the file that is installed.
runs_installed() { node_exec "$1" test "/proc/$(main_pid "$1" "$2")/exe" -ef "/usr/sbin/$2"; }
is_well() { node_exec "$1" cmonha-ui status >/dev/null || wrong "$1: $(node_exec "$1" cmonha-ui status 2>&1)"; }

upgrade_haproxy() {
	local node pid
	for node in "${NODES[@]}"; do
		pid=$(main_pid "$node" haproxy)
		upgraded "$node" haproxy
		runs_installed "$node" haproxy || wrong "$node runs the old HAProxy"
		[ "$(main_pid "$node" haproxy)" = "$pid" ] || wrong "$node: HAProxy was restarted, not reloaded"
		is_well "$node"
	done
}
haproxy_everywhere() { page_of_leader && every_try upgrade_haproxy; }

# The active node keeps its keepalived, and says so; the operator chooses the moment.
upgrade_keepalived() {
	local node active
	active=$(holder)
	for node in "${NODES[@]}"; do
		upgraded "$node" keepalived
		if [ "$node" = "$active" ]; then
			! runs_installed "$node" keepalived || wrong "$node: keepalived of the active node was restarted"
			grep -q 'which would fail over: cmonha-ui-keepalived.service runs an older /usr/sbin/keepalived' "$LAB_RUN/$node.apt" ||
				wrong "apt does not report it: $(tail -n 5 "$LAB_RUN/$node.apt")"
			! node_exec "$node" cmonha-ui status >"$LAB_RUN/status" || wrong "status does not report it"
			grep -q '^problem: .*systemctl restart cmonha-ui-keepalived.service' "$LAB_RUN/status" || wrong "$(cat "$LAB_RUN/status")"
		else
			runs_installed "$node" keepalived || wrong "$node runs the old keepalived"
			is_well "$node"
		fi
	done
	[ "$(holder)" = "$active" ] || wrong "the VIP has moved"
}
keepalived_everywhere() { every_try upgrade_keepalived; }

one_failover() {
	local active
	active=$(holder)
	probe during role=leader -- "$LAB" exec "$active" systemctl restart cmonha-ui-keepalived.service >"$LAB_RUN/outage"
	printf '      not served while the active node restarts keepalived: %s ms\n' "$(cut -d' ' -f1 "$LAB_RUN/outage")"
	[ "$(cut -d' ' -f1 "$LAB_RUN/outage" | cut -d. -f1)" -le 1000 ] || wrong "more than one failover"
	runs_installed "$active" keepalived || wrong "$active runs the old keepalived"
	is_well "$active"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

# Both use libjansson, and both are started again.
pid_of() { node_exec "$1" pgrep -x "$2"; }
check_runs() { pid_of "$1" cmonhachk; }
uses_library() { ! grep -q 'libjansson.*(deleted)' "/proc/$(node_init "$1")/root/proc/$(pid_of "$1" "$2")/maps"; }
started_again() { [ -n "$(pid_of "$1" "$2")" ] && [ "$(pid_of "$1" "$2")" != "$3" ]; }

upgrade_library() {
	local node program before watcher
	for node in "${NODES[@]}"; do
		before=$(pid_of "$node" cmonhachk)
		watcher=$(pid_of "$node" cmonha-ui-watch)
		upgraded "$node" libjansson4
		wait_until 3 started_again "$node" cmonhachk "$before" || wrong "$node: the check runs on"
		wait_until 10 started_again "$node" cmonha-ui-watch "$watcher" || wrong "$node: the watcher runs on"
		for program in cmonhachk cmonha-ui-watch; do uses_library "$node" "$program" || wrong "$node: $program uses the old library"; done
	done
}
library_everywhere() {
	local node
	page_of_leader
	for node in "${NODES[@]}"; do wait_until 5 check_runs "$node" || wrong "$node: no check runs"; done
	every_try upgrade_library
}

# In maintenance nothing is started by an upgrade.
stopped_stays_stopped() {
	local node
	node=$(other "$(holder)")
	node_exec "$node" systemctl stop cmonha-ui.target
	got "$node" install --reinstall haproxy keepalived
	! node_exec "$node" systemctl is-active -q cmonha-ui-haproxy.service || wrong "HAProxy was started"
	! node_exec "$node" systemctl is-active -q cmonha-ui-keepalived.service || wrong "keepalived was started"
	node_exec "$node" systemctl start cmonha-ui.target
	serves "$node"
}

t_run "the distribution publishes a newer HAProxy, keepalived and libjansson4" publish_newer
t_run "haproxy upgraded on each node: reloaded at once, every try of a client meets the leader" haproxy_everywhere
t_run "keepalived upgraded on each node: the active one keeps the VIP and reports it" keepalived_everywhere
t_run "the operator restarts keepalived of the active node: one failover" one_failover
t_run "a library of the check and the watcher upgraded on each node: they start again, every try meets the leader" library_everywhere
t_run "a stopped node stays stopped when they are upgraded" stopped_stays_stopped
