# shellcheck shell=bash
# What networks do to a node's own address and interface: the node keeps them, the virtual IP is on one node within two
# seconds of that being possible, and the watcher's report says what is wrong while it is not.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

watch_says() { node_exec "$1" grep -q "$2" /run/cmonha-ui/watch.json; }
vrrp_is() { watch_says "$1" "\"vrrp\":{\"state\":\"$2\""; }
in_node() { ip -n "$LAB_NS$1" "${@:2}"; }
has_address() { [ -n "$(in_node "$1" -o address show dev eth1 to "$(node_address "$1")")" ]; }
is_well() { node_exec "$1" cmonha-ui status >/dev/null; }

# serves_alone NODE: with the others stopped the virtual IP is there within two seconds; then all run again.
serves_alone() {
	local node others
	others=$(printf '%s\n' "${NODES[@]}" | grep -vx "$1")
	for node in $others; do node_exec "$node" systemctl stop cmonha-ui.target; done
	for node in $others; do
		wait_until 5 stopped "$node" || wrong "$node: cmonha-ui.target does not stop"
	done
	wait_until 2 only_on "$1" || wrong "the VIP is on: $(vip_holders | xargs), not on $1 alone"
	has_address "$1" || wrong "$1 has lost its own address"
	page_of_leader 5 || wrong "the VIP does not show the leader"
	for node in $others; do node_exec "$node" systemctl start cmonha-ui.target; done
	for node in $others; do wait_until 15 is_well "$node" || wrong "$node is not well after its start"; done
}
stopped() { ! node_exec "$1" systemctl is-active --quiet cmonha-ui-keepalived.service; }
only_on() { [ "$(vip_holders)" = "$1" ]; }

# A cable, a DHCP client, netplan: every address goes, the node's own comes back after a while.
address_flushed() {
	local from
	wait_until 5 one_holder
	from=$(holder)
	in_node "$from" -4 address flush dev eth1
	wait_until 2 holder_is_not "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	wait_until 3 watch_says "$from" "does not have its address" || wrong "the report does not say so"
	in_node "$from" address add "$(node_address "$from")/24" dev eth1
	wait_until 3 vrrp_is "$from" backup || wrong "$from: $(node_exec "$from" cat /run/cmonha-ui/watch.json)"
	wait_until 5 is_well "$from" || wrong "$(node_exec "$from" cmonha-ui status)"
	serves_alone "$from"
}

# A lease that is renewed by remove and add: no reason to move.
address_replaced() {
	local from
	wait_until 5 one_holder
	from=$(holder)
	in_node "$from" address add 10.0.0.99/24 dev eth1
	in_node "$from" address del "$(node_address "$from")/24" dev eth1
	in_node "$from" address add "$(node_address "$from")/24" dev eth1
	in_node "$from" address del 10.0.0.99/24 dev eth1
	! wait_until 2 holder_is_not "$from" || wrong "the VIP has left $from"
	only_on "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	has_address "$from" || wrong "$from has lost its own address"
}

# Another address stands first on the interface, and leaves again.
second_address_first() {
	local from
	wait_until 5 one_holder
	from=$(holder)
	in_node "$from" -4 address flush dev eth1
	in_node "$from" address add 10.0.0.99/24 dev eth1
	in_node "$from" address add "$(node_address "$from")/24" dev eth1
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	wait_until 5 vrrp_is "$from" backup || vrrp_is "$from" master || wrong "$(node_exec "$from" cat /run/cmonha-ui/watch.json)"
	has_address "$from" || wrong "$from has lost its own address"
	in_node "$from" address show dev eth1 | grep -q 10.0.0.99/24 || wrong "the other address is lost"
	in_node "$from" address del 10.0.0.99/24 dev eth1
	# The kernel removes the node's own address with the first of its subnet: the network service adds it again.
	has_address "$from" || in_node "$from" address add "$(node_address "$from")/24" dev eth1
	wait_until 5 is_well "$from" || wrong "$(node_exec "$from" cmonha-ui status)"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

# A VLAN or a bridge that the network service makes again: keepalived's sockets belong to the old one.
interface_made_again() {
	local node since
	wait_until 5 one_holder
	node=$(other "$(holder)")
	since=$(node_exec "$node" date +%s)
	"$LAB" replug "$node" 2 >/dev/null
	wait_until 5 watch_says "$node" '"vrrp":{"state":"backup"' || wrong "$(node_exec "$node" cat /run/cmonha-ui/watch.json)"
	wait_until 10 is_well "$node" || wrong "$(node_exec "$node" cmonha-ui status)"
	serves_alone "$node"
	[ "$(node_exec "$node" journalctl -q -u cmonha-ui-keepalived -u cmonha-ui-watch --since "@$since" -o cat | wc -l)" -lt 80 ] ||
		wrong "the journal is flooded: $(node_exec "$node" journalctl -q -u cmonha-ui-keepalived -u cmonha-ui-watch --since "@$since" -o cat)"
}

# The same on the active node.
interface_of_the_holder() {
	local from
	wait_until 5 one_holder
	from=$(holder)
	"$LAB" replug "$from" 2 >/dev/null
	wait_until 2 holder_is_not "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	wait_until 10 is_well "$from" || wrong "$(node_exec "$from" cmonha-ui status)"
	serves_alone "$from"
}

# Its boot comes before its address, which takes seconds: it takes part as soon as it can.
address_late() {
	local node
	wait_until 5 one_holder
	node=$(other "$(holder)")
	node_exec "$node" systemctl stop cmonha-ui.target
	wait_until 5 stopped "$node"
	in_node "$node" -4 address flush dev eth1
	node_exec "$node" systemctl --no-block start cmonha-ui.target
	wait_until 5 watch_says "$node" "does not have its address" || wrong "the report does not say so"
	in_node "$node" address add "$(node_address "$node")/24" dev eth1
	wait_until 10 is_well "$node" || wrong "$(node_exec "$node" cmonha-ui status)"
	serves_alone "$node"
}

# Its interface is made a quarter of a minute after the services start, as a VLAN or a bridge may be.
interface_late() {
	local node since lines
	wait_until 5 one_holder
	node=$(other "$(holder)")
	node_exec "$node" systemctl stop cmonha-ui.target
	wait_until 5 stopped "$node"
	since=$(node_exec "$node" date +%s)
	"$LAB" replug "$node" 15 >/dev/null &
	wait_until 5 gone "$node"
	node_exec "$node" systemctl --no-block start cmonha-ui.target
	wait_until 5 watch_says "$node" "there is no interface eth1" || wrong "the report does not say so"
	wait
	wait_until 10 is_well "$node" || wrong "$(node_exec "$node" cmonha-ui status)"
	lines=$(node_exec "$node" journalctl -q -u 'cmonha-ui-*' --since "@$since" -o cat | wc -l)
	# HAProxy's unit has a limit; without it there would be 24 a second.
	[ "$lines" -lt 200 ] || wrong "$lines lines in the journal: $(node_exec "$node" journalctl -q -u 'cmonha-ui-*' --since "@$since" -o cat | sort | uniq -c | sort -n | tail -n 3)"
	holder_is_not "$node" || wrong "the VIP is on: $(vip_holders | xargs)"
}
gone() { ! in_node "$1" link show dev eth1 >/dev/null 2>&1; }

# A switch's port that came up forwards nothing for three seconds: the node with the highest priority does not become
# active meanwhile, and takes the virtual IP from nobody.
port_forwards_late() {
	local node=cc1 from
	if [ "$(holder)" = "$node" ]; then
		node_exec "$node" systemctl stop cmonha-ui-keepalived.service
		wait_until 5 holder_is_not "$node"
		node_exec "$node" systemctl start cmonha-ui-keepalived.service
		wait_until 5 vrrp_is "$node" backup
	fi
	from=$(holder)
	"$LAB" cut "$node" late >/dev/null
	! wait_until 3 vrrp_is "$node" master || wrong "$node became active though it hears nobody"
	"$LAB" heal "$node" >/dev/null
	wait_until 5 vrrp_is "$node" backup || wrong "$(node_exec "$node" cat /run/cmonha-ui/watch.json)"
	! wait_until 1 holder_is_not "$from" || wrong "the VIP has left $from"
	only_on "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
}

# Killed or hanging, it takes nothing with it and is started again.
watcher_ends() {
	local from signal
	wait_until 5 one_holder
	from=$(holder)
	for signal in KILL STOP; do
		kill_unit "$from" cmonha-ui-watch.service "$signal"
		! wait_until 2 holder_is_not "$from" || wrong "SIG$signal to the watcher moved the VIP"
		wait_until 10 answers_now "$from" || wrong "the watcher does not run again after SIG$signal"
	done
	only_on "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	vrrp_is "$from" master || wrong "a new watcher does not know the state"
}
# Its report is not older than two seconds.
answers_now() {
	local updated
	updated=$(node_exec "$1" sed -n 's/.*"updated":\([0-9]*\).*/\1/p' /run/cmonha-ui/watch.json)
	[ $(($(node_exec "$1" date +%s) - updated)) -le 1 ]
}

t_run "the active node's addresses are flushed: the VIP moves, and the node takes part again" address_flushed
t_run "the active node's address is replaced at once: nothing moves" address_replaced
t_run "another address comes first on the interface" second_address_first
t_run "a node's interface is deleted and made again" interface_made_again
t_run "the active node's interface is deleted and made again" interface_of_the_holder
t_run "a node's address comes after its services" address_late
t_run "a node's interface comes a quarter of a minute after its services" interface_late
t_run "a switch's port forwards late: nobody becomes active, nothing moves" port_forwards_late
t_run "the watcher is killed, and hangs: nothing moves, and it is back" watcher_ends
