# shellcheck shell=bash
# One cluster of three platforms, as during the replacement of one distribution by another: this machine's Debian, the next
# Debian, and a node like Enterprise Linux; and of two versions of the package, as during an upgrade.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

# shellcheck disable=SC2016 # for the inner shell
platform_of() {
	node_exec "$1" sh -c '. /etc/os-release
		printf "%s %s, %s, keepalived %s, systemd %s" "$NAME" "$VERSION_ID" "$(haproxy -v | sed -n "1s/ .*version \([^ -]*\).*/ \1/p")" \
			"$(keepalived --version 2>&1 | sed -n "1s/.* v\([0-9.]*\).*/\1/p")" "$(systemctl --version | sed -n "1s/systemd \([0-9]*\).*/\1/p")"'
}

# The same file on all, each by its own package manager.
installed() {
	local node since
	cluster_file >"$LAB_RUN/cluster.conf"
	for node in "${NODES[@]}"; do "$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"; done
	now_us
	since=$NOW_US
	"$LAB" install --parallel "${NODES[@]}"
	page_of_leader 20 || wrong "the VIP does not show the leader's page"
	now_us
	printf '      from the installation to the leader at the VIP, three nodes at once: %d ms\n' $(((NOW_US - since) / 1000))
	for node in "${NODES[@]}"; do
		serves "$node"
		printf '      %s: %s\n' "$node" "$(platform_of "$node")"
	done
	[ "$(for node in "${NODES[@]}"; do platform_of "$node"; echo; done | sort -u | wc -l)" = 3 ] || wrong "these are not three platforms"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

vip_moves_to() { vip_holders | grep -qx "$1" && one_holder; }

# Each has the virtual IP in turn, taken over from a node of another platform, and its HAProxy shows the leader.
each_holds() {
	local node another
	for node in "${NODES[@]}"; do
		for another in "${NODES[@]}"; do
			[ "$another" = "$node" ] || node_exec "$another" systemctl stop cmonha-ui.target
		done
		wait_until 10 vip_moves_to "$node" || wrong "the VIP is on: $(vip_holders | xargs), and not on $node"
		page_of_leader || wrong "$node does not show the leader"
		for another in "${NODES[@]}"; do
			[ "$another" = "$node" ] || node_exec "$another" systemctl start cmonha-ui.target
		done
		for another in "${NODES[@]}"; do serves "$another"; done
		vip_moves_to "$node" || wrong "the VIP is on: $(vip_holders | xargs), and not on $node any more"
	done
}

old_version() {
	local node=cc1
	[ "$(cat "$(node_dir "$node")/suite")" != el ] || exit 77
	node_exec "$node" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get purge -y -q cmonha-ui && apt-get update -q' >"$LAB_RUN/old.apt" 2>&1
	"$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"
	node_exec "$node" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --allow-downgrades cmonha-ui=0.1.0 >>"$LAB_RUN/old.apt" 2>&1 ||
		wrong "$(tail -n 5 "$LAB_RUN/old.apt")"
	serves "$node"
	each_holds
}

# While a client polls, whichever node has the virtual IP.
new_version() { "$LAB" install cc1 && serves cc1; }
new_version_again() { every_try new_version; }

same_word_everywhere() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" cmonha-ui status --cluster >"$LAB_RUN/cluster.$node" || wrong "$node: $(cat "$LAB_RUN/cluster.$node")"
	done
}

t_run "one cluster file, three platforms, each by its package manager: the leader at the VIP" installed
t_run "each platform takes over the VIP and shows the leader" each_holds
if [ -e "$OLD_PACKAGE" ]; then
	t_run "version 0.1.0 beside this one: each takes over the VIP and shows the leader" old_version
	t_run "0.1.0 is upgraded: every try of a client meets the leader" new_version_again
else
	skip_case "version 0.1.0 beside this one" "commit of 0.1.0 is not in this clone"
fi
t_run "status --cluster: no problem, asked on each platform" same_word_everywhere
