# shellcheck shell=bash
# From a bare Debian to the leader's page at the VIP.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

dependencies_first() {
	LAB_PACKAGE='haproxy keepalived xinetd adduser libcurl4 libjansson4' "$LAB" install --parallel cc1 cc2 cc3
}

# Installed without any configuration it changes nothing, says what to do next, and is gone after a purge.
unconfigured_changes_nothing() {
	local before after
	before=$(snapshot cc3)
	"$LAB" install cc3
	grep -q 'nothing is configured yet' "$(node_dir cc3)/install.log" || wrong "it does not say what to do next"
	after=$(snapshot cc3 | grep -vE 'cmonha-ui|etc/(passwd|group|shadow|gshadow|subuid|subgid) ')
	diff <(grep -vE 'etc/(passwd|group|shadow|gshadow|subuid|subgid) ' <<<"$before") <(grep -vE '  etc/(passwd|group|shadow|gshadow|subuid|subgid)$' <<<"$after") |
		grep -vE '  etc/(passwd|group|shadow|gshadow|subuid|subgid)$|^[0-9,]+[acd][0-9,]+$' && wrong "something else changed"
	node_exec cc3 ss -Htln | grep -qE ':(81|9201|9600) ' && wrong "a port is open"
	node_exec cc3 apt-get purge -y -q cmonha-ui >/dev/null
	diff <(printf '%s\n' "$before") <(snapshot cc3) || wrong "the purge left something"
}

# Nonsense from debconf must neither break dpkg nor leave a configuration behind.
bad_answers_are_told() {
	preseed cc3 'not-an-address' 'cc1=10.0.0.101'
	"$LAB" install cc3
	grep -q 'is not an IPv4 or IPv6 address' "$(node_dir cc3)/install.log" || wrong "the message does not name the fault"
	node_exec cc3 test ! -e /etc/cmonha-ui/cluster.conf || wrong "a cluster file was written"
	node_exec cc3 sh -c 'dpkg --audit | grep -q . && exit 1 || exit 0' || wrong "dpkg is not content"
	node_exec cc3 apt-get purge -y -q cmonha-ui >/dev/null
}

preseed() {
	node_exec "$1" sh -c 'debconf-set-selections' <<-EOF
		cmonha-ui cmonha-ui/vip string $2
		cmonha-ui cmonha-ui/nodes string $3
	EOF
}

# One node by debconf, two by the file; when apt returns on all three the VIP shows the leader.
install_all() {
	local file=$LAB_RUN/cluster.conf node
	for node in "${NODES[@]}"; do snapshot "$node" >"$LAB_RUN/before.$node"; done
	cluster_file >"$file"
	preseed cc1 "$LAB_VIP/24" 'cc1=10.0.0.101, cc2=10.0.0.102, cc3=10.0.0.103'
	for node in cc2 cc3; do "$LAB" copy "$file" "$node:/etc/cmonha-ui/cluster.conf"; done
	"$LAB" install --parallel "${NODES[@]}"
	page_of_leader 3 || wrong "the VIP does not show the leader's page"
}

# The file that debconf made and the copied one mean the same: then it is the same on all, as it should be.
same_file_everywhere() {
	"$LAB" copy "$LAB_RUN/cluster.conf" cc1:/etc/cmonha-ui/cluster.conf
	node_exec cc1 cmonha-ui apply
	page_of_leader
}

all_is_well() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" cmonha-ui status || wrong "$node is not well"
		node_exec "$node" grep -qxE 'cmonhachk[[:space:]]+9201/tcp[[:space:]]+# added by cmonha-ui' /etc/services ||
			wrong "$node: no line in /etc/services"
		node_exec "$node" test "$(node_exec "$node" stat -c '%a %U' /etc/cmonha-ui/stats.passwords)" = '600 root' ||
			wrong "$node: the passwords' file is open to others"
	done
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

t_run "apt installs HAProxy, keepalived and xinetd" dependencies_first
t_run "installed without configuration: nothing changes, purge leaves nothing" unconfigured_changes_nothing
t_run "nonsense answers in debconf: told, nothing configured, dpkg content" bad_answers_are_told
t_run "installed on three nodes: the VIP shows the leader when apt returns" install_all
t_run "the same cluster file on every node" same_file_everywhere
t_run "status is well on every node" all_is_well
