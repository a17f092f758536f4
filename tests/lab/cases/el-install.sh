# shellcheck shell=bash
# From a bare machine like Enterprise Linux to the leader's page at the VIP, by dnf from the signed repository.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"
# shellcheck source=signed.sh
. "$LAB_DIR/cases/signed.sh"

# Accounts stay on such a machine when a package is erased, and the distribution's file of accounts is rewritten with them.
ACCOUNTS='  etc/(passwd|group|shadow|gshadow|subuid|subgid)( |$)|^etc/(passwd|group|shadow|gshadow|subuid|subgid) '
without_accounts() { grep -vE "$ACCOUNTS"; }

# What build/repo/INSTALL tells an administrator to run, to the letter.
instructions() { sed -n '/^Enterprise Linux/,/^Then,/s/^    //p' "$WEB/good/INSTALL"; }
installed_by_dnf() { node_exec "$1" sh -euxc "$(instructions)" >"$(node_dir "$1")/install.log" 2>&1 || wrong "$1: $(tail -n 15 "$(node_dir "$1")/install.log")"; }

unconfigured_changes_nothing() {
	local before unit
	before=$(snapshot cc3 | without_accounts)
	installed_by_dnf cc3
	grep -q 'nothing is configured yet' "$(node_dir cc3)/install.log" || wrong "it does not say what to do next"
	for unit in haproxy keepalived cmonha-ui-haproxy cmonha-ui-keepalived; do
		[ "$(node_exec cc3 systemctl is-enabled "$unit" || true)" = disabled ] || wrong "$unit is enabled"
	done
	node_exec cc3 ss -Htln | grep -qE ':(81|5000|9201|9600) ' && wrong "a port is open"
	node_exec cc3 rpm -V cmonha-ui || wrong "rpm -V reports a difference"
	node_exec cc3 dnf remove -y cmonha-ui >/dev/null
	node_exec cc3 sh -c '! rpm -q haproxy keepalived cmonha-ui' >/dev/null || wrong "a package is left"
	node_exec cc3 sh -c 'rm -r /etc/pki/rpm-gpg/RPM-GPG-KEY-cmonha-ui /etc/yum.repos.d/cmonha-ui.repo'
	diff <(printf '%s\n' "$before") <(snapshot cc3 | without_accounts) || wrong "the erase left something"
}

# When dnf returns on all three the VIP shows the leader.
install_all() {
	local node pid pids=() since
	cluster_file >"$LAB_RUN/cluster.conf"
	for node in "${NODES[@]}"; do
		snapshot "$node" >"$LAB_RUN/before.$node"
		"$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"
	done
	now_us
	since=$NOW_US
	for node in "${NODES[@]}"; do installed_by_dnf "$node" & pids+=($!); done
	for pid in "${pids[@]}"; do wait "$pid" || exit 1; done
	page_of_leader 5 || wrong "the VIP does not show the leader's page"
	now_us
	printf '      from dnf install to the leader at the VIP, three nodes at once: %d ms\n' $(((NOW_US - since) / 1000))
	[ $(((NOW_US - since) / 1000000)) -le 60 ] || wrong "more than 60 s"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

# The distribution's own services with their sample configurations stay off, and ours are on at the next boot.
services_of_each() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" cmonha-ui status || wrong "$node is not well"
		[ "$(node_exec "$node" systemctl is-enabled cmonha-ui-haproxy cmonha-ui-keepalived cmonha-ui-check.socket | sort -u)" = enabled ] ||
			wrong "$node: a service is not enabled"
		[ "$(node_exec "$node" systemctl is-enabled haproxy keepalived | sort -u)" = disabled ] || wrong "$node: the distribution's services are enabled"
		node_exec "$node" systemctl is-active haproxy keepalived | grep -qx active && wrong "$node: the distribution's services run"
		node_exec "$node" ip -o address show | grep -q 192.168.200. && wrong "$node: the sample's virtual IP is there"
		node_exec "$node" grep -qE '^cmonhachk[[:space:]]+9201/tcp' /etc/services || wrong "$node: no line in /etc/services"
	done
	return 0
}

# Nothing that is there now and was not before is unknown to rpm, but for links that systemctl makes, the running services'
# own files, and the repository's file and key, which the administrator put there.
every_file_is_known() {
	local node=$1 files
	node_exec "$node" rpm -V cmonha-ui || wrong "rpm -V reports a difference"
	mapfile -t files < <(comm -13 <(paths <"$LAB_RUN/before.$node") <(snapshot "$node" | paths))
	[ "${#files[@]}" -ge 12 ] || wrong "too few files to be all: ${files[*]}"
	node_exec "$node" rpm -qf "${files[@]}" >"$LAB_RUN/owners" || wrong "$(grep -v '^cmonha-ui\|^haproxy\|^keepalived' "$LAB_RUN/owners")"
}
paths() { grep -vE '^[0-9a-f]{32}  ' | sed 's/ .*//; s,^,/,' | grep -vE '\.wants|^/run/(keepalived-)?cmonha-ui/|^/etc/(yum.repos.d|pki)/' | sort -u; }

signed_repository
t_run "installed without configuration: nothing is enabled, an erase leaves nothing" unconfigured_changes_nothing
t_run "installed by dnf on three nodes: the VIP shows the leader when dnf returns" install_all
t_run "our services are enabled and run, the distribution's are not" services_of_each
for node in "${NODES[@]}"; do t_run "$node: rpm knows every file, rpm -V finds no difference" every_file_is_known "$node"; done
