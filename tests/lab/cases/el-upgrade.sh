# shellcheck shell=bash
# From version 0.1.0 to this one by dnf, on nodes that serve; back; and what an upgrade must not start.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

UNITS='cmonha-ui-haproxy.service cmonha-ui-keepalived.service'

# dnf NODE WORDS...: with the output in $LAB_RUN/NODE.dnf.
dnf() { node_exec "$1" dnf -y "${@:2}" >"$LAB_RUN/$1.dnf" 2>&1 </dev/null || wrong "$1: dnf ${*:2}: $(tail -n 15 "$LAB_RUN/$1.dnf")"; }
dnf_says() { grep -qF -- "$2" "$LAB_RUN/$1.dnf" || wrong "$1: dnf does not say: $2: $(tail -n 15 "$LAB_RUN/$1.dnf")"; }
version_is() { [ "$(node_exec "$1" rpm -q --qf '%{VERSION}' cmonha-ui)" = "$2" ] || wrong "$1 has $(node_exec "$1" rpm -q cmonha-ui)"; }
unchanged() { node_exec "$1" rpm -V cmonha-ui || wrong "$1: rpm -V reports a difference"; }

old_version_serves() {
	local node
	for node in "${NODES[@]}"; do
		dnf "$node" remove cmonha-ui
		dnf "$node" install cmonha-ui-0.1.0
		version_is "$node" 0.1.0
	done
	page_of_leader 20 || wrong "version 0.1.0 does not serve"
	for node in "${NODES[@]}"; do serves "$node"; done
}

upgrade_all() {
	local node
	for node in "${NODES[@]}"; do
		dnf "$node" upgrade cmonha-ui
		serves "$node"
		node_exec "$node" cmonha-ui check || wrong "$node: the cluster file is no longer valid"
	done
}

rolling() {
	local node
	old_version_serves
	every_try upgrade_all
	for node in "${NODES[@]}"; do
		unchanged "$node"
		[ "$(node_exec "$node" cat /var/lib/cmonha-ui/node)" = "$node" ] || wrong "$node: its name was not kept"
	done
}

# The version before owns none of the files that apply makes: rpm must not take them along. 0.1.0 itself cannot replace a
# socket that is in use: its check is stopped first, and started by the next query.
downgraded() {
	dnf cc3 downgrade cmonha-ui
	version_is cc3 0.1.0
	node_exec cc3 sh -c 'test -s /etc/cmonha-ui/cluster.conf && test -s /etc/cmonha-ui/haproxy.cfg && test -s /var/lib/cmonha-ui/cluster.conf' ||
		wrong "a file is gone: $(node_exec cc3 ls /etc/cmonha-ui /var/lib/cmonha-ui | xargs)"
	node_exec cc3 find /etc /var/lib/cmonha-ui -name '*.rpm*' -path '*cmonha*' | grep . && wrong "rpm put a file aside"
	node_exec cc3 systemctl is-active --quiet cmonha-ui-watch.service && wrong "the watcher runs on"
	node_exec cc3 sh -c 'systemctl stop cmonha-ui-check.service && cmonha-ui apply' || wrong "0.1.0 does not apply its files"
	serves cc3
	upgraded_again
}

upgraded_again() {
	dnf cc3 upgrade cmonha-ui
	node_exec cc3 cmonha-ui apply
	serves cc3
	unchanged cc3
}

# For maintenance: the target was stopped.
stopped_stays_stopped() {
	node_exec cc3 systemctl stop cmonha-ui.target
	dnf cc3 reinstall cmonha-ui
	# shellcheck disable=SC2086 # a list
	node_exec cc3 systemctl is-active $UNITS | grep -qx active && wrong "a service runs"
	dnf_says cc3 'not running, and not started: cmonha-ui-haproxy.service, cmonha-ui-keepalived.service'
	node_exec cc3 systemctl start cmonha-ui.target
	serves cc3
}

removed_stays_removed() {
	node_exec cc3 cmonha-ui remove
	dnf cc3 reinstall cmonha-ui
	dnf_says cc3 'nothing is applied on this host, and nothing was changed'
	node_exec cc3 test ! -e /etc/cmonha-ui/haproxy.cfg || wrong "haproxy.cfg is back"
	unchanged cc3
	node_exec cc3 cmonha-ui apply
	serves cc3
}

edit_is_not_applied() {
	node_exec cc3 sed -i 's/^forward = .*/forward = 82:80/' /etc/cmonha-ui/cluster.conf
	dnf cc3 reinstall cmonha-ui
	dnf_says cc3 '/etc/cmonha-ui/cluster.conf differs from the applied file, which stays in use'
	node_exec cc3 ss -Htln 'sport = :82' | grep -q . && wrong "the edit is in force"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc3:/etc/cmonha-ui/cluster.conf
	serves cc3
	unchanged cc3
}

if [ -e "$OLD_PACKAGE" ]; then
	t_run "from 0.1.0, one node after the other: every try of a client meets the leader" rolling
	t_run "downgraded to 0.1.0 and upgraded again: it serves, and no file is lost" downgraded
else
	skip_case "from 0.1.0" "commit of 0.1.0 is not in this clone"
fi
t_run "upgrade: what is stopped stays stopped" stopped_stays_stopped
t_run "upgrade: what was removed stays removed" removed_stays_removed
t_run "upgrade: an edit that was not applied is reported, and not applied" edit_is_not_applied
