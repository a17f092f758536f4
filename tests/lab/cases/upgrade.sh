# shellcheck shell=bash
# From version 0.1.0 to this one, on nodes that serve and on nodes in maintenance; and first installs that must wait.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

UPGRADED=cc3
UNITS='cmonha-ui-haproxy.service cmonha-ui-keepalived.service'

# apt NODE WORDS...: with the output in $LAB_RUN/NODE.apt.
apt() { node_exec "$1" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 --allow-downgrades "${@:2}" >"$LAB_RUN/$1.apt" 2>&1; }
got() { apt "$@" || wrong "$1: apt ${*:2}: $(tail -n 5 "$LAB_RUN/$1.apt")"; }
apt_says() { grep -qF -- "$2" "$LAB_RUN/$1.apt" || wrong "$1: apt does not say: $2: $(tail -n 15 "$LAB_RUN/$1.apt")"; }
put_cluster_file() { cluster_file >"$LAB_RUN/cluster.conf" && "$LAB" copy "$LAB_RUN/cluster.conf" "$1:/etc/cmonha-ui/cluster.conf"; }
on_node() { node_exec "$UPGRADED" "$@"; }
# shellcheck disable=SC2086 # a list
states() { on_node systemctl "$1" $UNITS || true; }
is_stopped() { ! states is-active | grep -qx active || wrong "a service runs: $(states is-active | xargs)"; }
no_flag() { on_node test ! -e /var/lib/cmonha-ui/setup-pending || wrong "the node still waits for its first apply"; }
logged() { "$LAB" logs "$UPGRADED" -q -b -u cmonha-ui-setup.service -o cat | grep -F -- "$1"; }

purged() { for node; do got "$node" purge cmonha-ui; done; }
# The package of this version, on the one node, with the file applied and served.
installed() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	got "$UPGRADED" install cmonha-ui
	serves "$UPGRADED"
}
reinstalled() { got "$UPGRADED" install --reinstall cmonha-ui; }

check_version() {
	node_exec "$1" curl -s -m 3 "http://$(node_address "$1"):9201/status" | sed -n 's/.*"version": *"\([^"]*\)".*/\1/p'
}

upgrade_all() {
	local node version
	for node in "${NODES[@]}"; do
		got "$node" install cmonha-ui
		serves "$node"
		version=$(check_version "$node")
		[ "$version" != 0.1.0 ] || wrong "$node: the check is still that of $version"
	done
}

# One node after the other, while a client polls: it meets the leader at each try.
rolling() {
	[ -e "$OLD_PACKAGE" ] || exit 77 # ../end-to-end
	local node
	purged "${NODES[@]}"
	for node in "${NODES[@]}"; do
		put_cluster_file "$node"
		node_exec "$node" apt-get update -q >/dev/null
		got "$node" install cmonha-ui=0.1.0
	done
	page_of_leader 20 || wrong "version 0.1.0 does not serve"
	# A reload that comes directly after an installation has other reasons to be noticed.
	for node in "${NODES[@]}"; do serves "$node"; done
	every_try upgrade_all
	for node in "${NODES[@]}"; do
		[ "$(node_exec "$node" cat /var/lib/cmonha-ui/node)" = "$node" ] || wrong "$node: its name was not kept"
	done
}

# For maintenance: the target was stopped.
stopped_stays_stopped() {
	installed
	on_node systemctl stop cmonha-ui.target
	reinstalled
	is_stopped
	apt_says "$UPGRADED" 'not running, and not started: cmonha-ui-haproxy.service, cmonha-ui-keepalived.service'
	[ "$(states is-enabled | sort -u)" = enabled ] || wrong "it is no longer enabled"
	on_node systemctl start cmonha-ui.target
	serves "$UPGRADED"
}

disabled_stays_disabled() {
	installed
	# shellcheck disable=SC2086 # a list
	on_node systemctl disable --now -q $UNITS
	reinstalled
	is_stopped
	[ "$(states is-enabled | sort -u)" = disabled ] || wrong "it is enabled again"
}

# Disabled for the next boot only: it runs on, with the new files.
disabled_and_running() {
	installed
	# shellcheck disable=SC2086 # a list
	on_node systemctl disable -q $UNITS
	reinstalled
	serves "$UPGRADED"
	[ "$(states is-enabled | sort -u)" = disabled ] || wrong "it is enabled again"
}

removed_stays_removed() {
	installed
	on_node cmonha-ui remove
	reinstalled
	is_stopped
	apt_says "$UPGRADED" 'nothing is applied on this host, and nothing was changed'
	on_node test ! -e /etc/cmonha-ui/haproxy.cfg || wrong "haproxy.cfg is back"
	on_node ss -Htln | grep -qE ':(81|9201|9600) ' && wrong "a port is open"
	on_node systemctl restart cmonha-ui-setup.service
	is_stopped
}

# The package was removed and is installed again: that is a first installation.
installed_again() {
	installed
	got "$UPGRADED" remove cmonha-ui
	is_stopped
	got "$UPGRADED" install cmonha-ui
	serves "$UPGRADED"
	no_flag
}

edit_is_not_applied() {
	installed
	on_node sed -i 's/^forward = .*/forward = 82:80/' /etc/cmonha-ui/cluster.conf
	reinstalled
	apt_says "$UPGRADED" '/etc/cmonha-ui/cluster.conf differs from the applied file, which stays in use'
	on_node ss -Htln 'sport = :82' | grep -q . && wrong "the edit is in force"
	on_node ss -Htln 'sport = :81' | grep -q . || wrong "what was applied is not in force"
	on_node cmonha-ui apply
	on_node ss -Htln 'sport = :82' | grep -q . || wrong "apply does not apply it"
}

# The node was named by hand, where its address says nothing.
other_node_name() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	on_node sh -c 'printf "\n[node spare]\naddress = 10.0.0.77\nroles = proxy\npriority = 10\n" >>/etc/cmonha-ui/cluster.conf'
	on_node ip address add 10.0.0.77/24 dev eth1
	got "$UPGRADED" install cmonha-ui
	apt_says "$UPGRADED" 'this host has the addresses of more than one node'
	no_flag
	on_node cmonha-ui apply --node cc3
	reinstalled
	on_node grep -q 'for node cc3' /etc/cmonha-ui/haproxy.cfg || wrong "another node's files"
	apt_says "$UPGRADED" 'Setting up cmonha-ui'
	grep -q 'the applied files stay in use' "$LAB_RUN/$UPGRADED.apt" && wrong "$(tail -n 5 "$LAB_RUN/$UPGRADED.apt")"
	on_node ip address del 10.0.0.77/24 dev eth1
}

policy() { on_node sh -c 'printf "#!/bin/sh\nexit %d\n" '"$1"' >/usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d'; }

# An image builder, which boots systemd but must not start what it installs.
policy_forbids() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	policy 101
	got "$UPGRADED" install cmonha-ui
	apt_says "$UPGRADED" 'nothing was started or reloaded'
	is_stopped
	[ "$(states is-enabled | sort -u)" = enabled ] || wrong "it is not enabled"
	on_node test -e /etc/cmonha-ui/haproxy.cfg || wrong "there is no haproxy.cfg"
	reinstalled
	is_stopped
	on_node rm /usr/sbin/policy-rc.d
	"$LAB" shutdown "$UPGRADED" >/dev/null
	"$LAB" boot "$UPGRADED"
	serves "$UPGRADED" 20
}
# What the policy does not know is allowed, and so is 104.
policy_allows() {
	local code
	for code in 100 104; do
		purged "$UPGRADED"
		put_cluster_file "$UPGRADED"
		policy "$code"
		got "$UPGRADED" install cmonha-ui
		on_node rm /usr/sbin/policy-rc.d
		serves "$UPGRADED"
	done
}

it_waits() { logged 'waiting until this host has the address of a node'; }
# The address comes after the package.
address_comes_later() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	on_node ip address del "$(node_address "$UPGRADED")/24" dev eth1
	apt "$UPGRADED" install cmonha-ui || { on_node ip address add "$(node_address "$UPGRADED")/24" dev eth1; wrong "apt fails"; }
	apt_says "$UPGRADED" 'cmonha-ui-setup.service applies the file as soon as it has one'
	wait_until 10 it_waits || wrong "cmonha-ui-setup.service does not say that it waits"
	is_stopped
	on_node ip address add "$(node_address "$UPGRADED")/24" dev eth1
	serves "$UPGRADED" 20
	no_flag
	[ "$(it_waits | wc -l)" = 1 ] || wrong "it did not say, once, that it waits"
	[ "$(logged "applied for node $UPGRADED" | wc -l)" = 1 ] || wrong "it did not say that it is done"
	wait_until 5 setup_has_ended || wrong "the unit runs on"
}
setup_has_ended() { [ "$(on_node systemctl is-active cmonha-ui-setup.service || true)" = inactive ]; }

# It waits, and is not needed any more: applied by hand, or removed.
wait_is_over() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	on_node sed -i 's/10.0.0.103/10.0.0.113/' /etc/cmonha-ui/cluster.conf
	got "$UPGRADED" install cmonha-ui
	on_node systemctl is-active --quiet cmonha-ui-setup.service || wrong "it does not wait"
	# An upgrade meanwhile changes nothing about that.
	reinstalled
	on_node systemctl is-active --quiet cmonha-ui-setup.service || wrong "it does not wait any more"
	put_cluster_file "$UPGRADED" # the mistake is corrected
	serves "$UPGRADED" 20
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	on_node sed -i 's/10.0.0.103/10.0.0.113/' /etc/cmonha-ui/cluster.conf
	got "$UPGRADED" install cmonha-ui
	got "$UPGRADED" remove cmonha-ui
	setup_has_ended || wrong "it still waits"
	no_flag
}

# As debootstrap and image builders do: no systemd, no address; finished by the first boot.
image_then_boot() {
	purged "$UPGRADED"
	put_cluster_file "$UPGRADED"
	# shellcheck disable=SC2016 # for the inner shell
	on_node unshare --mount --net sh -c 'mount -t tmpfs none /run/systemd && exec env DEBIAN_FRONTEND=noninteractive apt-get -y -q install cmonha-ui' \
		>"$LAB_RUN/$UPGRADED.apt" 2>&1 || wrong "$(tail -n 5 "$LAB_RUN/$UPGRADED.apt")"
	apt_says "$UPGRADED" 'cmonha-ui-setup.service applies the file as soon as it has one'
	"$LAB" shutdown "$UPGRADED" >/dev/null
	"$LAB" boot "$UPGRADED"
	serves "$UPGRADED" 20
	no_flag
	logged "applied for node $UPGRADED" >/dev/null || wrong "it did not say that it is done"
}

for node in "${NODES[@]}"; do node_exec "$node" apt-get update -q >/dev/null; done
t_run "from 0.1.0, one node after the other: every try of a client meets the leader" rolling
t_run "upgrade: what is stopped stays stopped" stopped_stays_stopped
t_run "upgrade: what is disabled stays disabled" disabled_stays_disabled
t_run "upgrade: what is disabled and runs is reloaded" disabled_and_running
t_run "upgrade: what was removed stays removed" removed_stays_removed
t_run "the package removed and installed again is applied" installed_again
t_run "upgrade: an edit that was not applied is reported, and not applied" edit_is_not_applied
t_run "upgrade: for the node that was named at the apply" other_node_name
t_run "policy-rc.d forbids it: all in place, nothing started; the next boot does" policy_forbids
t_run "policy-rc.d allows it" policy_allows
t_run "installed before its address is there: serves when it comes" address_comes_later
t_run "the wait for an address ends with a corrected file, or with the package" wait_is_over
t_run "installed into an image, without systemd and address: the first boot completes it" image_then_boot
