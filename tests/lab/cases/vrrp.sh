# shellcheck shell=bash
# What the network does to the virtual IP.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

# held_during COMMAND...: while it runs the same node holds the virtual IP, sampled ten times a second, and no node starts an
# election.
held_during() {
	local forging from before
	from=$(holder)
	before=$(elections)
	"$@" >"$LAB_RUN/forged" &
	forging=$!
	while kill -0 "$forging" 2>/dev/null; do
		[ "$(vip_holders)" = "$from" ] || wrong "the VIP left $from, and is on: $(vip_holders | xargs)"
		sleep 0.1
	done
	wait "$forging"
	[ "$(cat "$LAB_RUN/forged")" -gt 0 ] || wrong "nothing was sent"
	[ "$(elections)" = "$before" ] || wrong "elections: $before before, $(elections) after"
	page_of_leader 5 || wrong "the VIP does not show the leader"
}

elections() {
	local node
	for node in "${NODES[@]}"; do node_exec "$node" journalctl --no-pager -q -u cmonha-ui-keepalived -g "Entering MASTER" -o cat; done | wc -l
}

# An election would move the VIP to the node of the highest priority, cc1: it starts elsewhere.
not_on_the_first() {
	wait_until 5 one_holder
	[ "$(holder)" = cc1 ] || return 0
	node_exec cc1 systemctl stop cmonha-ui.target
	wait_until 5 holder_is_not cc1 || wrong "the VIP is on: $(vip_holders | xargs)"
	node_exec cc1 systemctl start cmonha-ui.target
	wait_until 10 node_exec cc1 cmonha-ui status || wrong "cc1 is not well after its start"
}

nodes_addresses() { for node in "${NODES[@]}"; do node_address "$node"; done; }

# Priority 255 from a host that is no peer, and in the name of a peer from behind a router.
adverts_of_a_stranger() {
	not_on_the_first
	# shellcheck disable=SC2046 # a list
	held_during node_exec client "$LAB_DIR/forge-adverts" 10.0.0.10 255 255 2 $(nodes_addresses)
}
adverts_from_off_link() {
	local from
	not_on_the_first
	from=$(holder)
	held_during node_exec client "$LAB_DIR/forge-adverts" "$(node_address "$(other "$from")")" 64 255 2 "$(node_address "$from")"
}

# The rules of the manual page, loaded as they are there: forged advertisements end in the kernel, those of the peers do not.
rules_of_the_manual() {
	local node result=0
	sed -n '/^table inet cmonha_vrrp/,/^}/p' "$LAB_DIR/../../conf/man/cmonha-ui.7" >"$LAB_RUN/vrrp.nft"
	not_on_the_first
	for node in "${NODES[@]}"; do ip netns exec "$LAB_NS$node" nft -f "$LAB_RUN/vrrp.nft"; done
	(adverts_of_a_stranger && adverts_from_off_link && both_counted "$(holder)") || result=1
	for node in "${NODES[@]}"; do ip netns exec "$LAB_NS$node" nft delete table inet cmonha_vrrp; done
	return "$result"
}
# Each of the two rules has dropped something on NODE.
both_counted() {
	[ "$(ip netns exec "$LAB_NS$1" nft list table inet cmonha_vrrp | grep -c 'counter packets [1-9]')" = 2 ] ||
		wrong "$(ip netns exec "$LAB_NS$1" nft list table inet cmonha_vrrp)"
}

# lose COUNT: so many advertisements of the active node in a row do not reach the others. True if a node starts an election.
lose() {
	local from before node moved
	wait_until 5 one_holder
	from=$(holder)
	before=$(elections)
	{
		printf 'table bridge lost {\nchain forward {\ntype filter hook forward priority -1;\n'
		for node in "${NODES[@]}"; do
			[ "$node" = "$from" ] || printf 'iifname "%s" oifname "%s" ip protocol 112 numgen inc mod 1000000000 < %s drop\n' \
				"$from" "$node" "$1"
		done
		printf '}\n}\n'
	} | ip netns exec "${LAB_NS}switch" nft -f -
	wait_until 2 more_elections "$before" && moved=yes || moved=no
	ip netns exec "${LAB_NS}switch" nft delete table bridge lost
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	[ "$moved" = yes ]
}
more_elections() { [ "$(elections)" -gt "$1" ]; }

# The default of lost_adverts is 5. 29 ms are left until the elections: on a busy machine the next advertisement may come
# later than that, so one of several tries decides.
lost_in_a_row() {
	local try
	for try in 1 2 3; do
		lose 6 || wrong "6 advertisements were lost, and no other node became active (try $try)"
	done
	for try in 1 2 3 4 5; do
		lose 5 || return 0
	done
	wrong "5 advertisements were lost, and another node became active, in 5 tries of 5"
}

# What ifdown and ifup, a DHCP client or netplan do: the VIP is now the first address of its subnet.
own_address_is_kept() {
	local from address
	wait_until 5 one_holder
	from=$(holder)
	address=$(node_address "$from")
	node_exec "$from" ip -4 address flush dev eth1
	wait_until 3 vip_is_here "$from" || node_exec "$from" ip address add "$LAB_VIP/24" dev eth1
	node_exec "$from" ip address add "$address/24" dev eth1
	node_exec "$from" systemctl stop cmonha-ui.target
	wait_until 5 holder_is_not "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	ip -n "$LAB_NS$from" -o address show dev eth1 | grep -q " $address/24 " || wrong "the node has lost its own address"
	node_exec "$from" systemctl start cmonha-ui.target
	wait_until 10 node_exec "$from" cmonha-ui status || wrong "not well afterwards"
	page_of_leader
}

vip_is_here() { vip_holders | grep -qx "$1"; }

t_run "advertisements of a host that is no peer do not take the virtual IP away" adverts_of_a_stranger
t_run "advertisements in a peer's name from off the link do not take it away" adverts_from_off_link
t_run "nftables rules of cmonha-ui(7) drop both in the kernel, and nothing of a peer" rules_of_the_manual
t_run "as many advertisements as lost_adverts may be lost in a row, and not one more" lost_in_a_row
t_run "a node keeps its own address when the virtual IP leaves" own_address_is_kept
