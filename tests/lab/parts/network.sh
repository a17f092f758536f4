# shellcheck shell=bash
#
# The switch and the cables, and what can be wrong with them. Sourced by ../lab.

# tune NAMESPACE PATH=VALUE...: below /proc/sys/net, as far as this kernel has them
# shellcheck disable=SC2016 # for the inner shell
tune() { ip netns exec "$1" sh -c 'for s; do echo "${s#*=}" >"/proc/sys/net/${s%%=*}" 2>/dev/null || true; done' tune "${@:2}"; }

make_switch() {
	ip netns add "$SWITCH"
	ip -n "$SWITCH" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	tune "$SWITCH" ipv6/conf/all/disable_ipv6=1
	ip -n "$SWITCH" link set br0 up
}

# make_port NAME NUMBER: the host's namespace and its cable to the switch. The MAC is the same each time, as a card's is.
# IPv6 addresses are usable at once (no duplicate detection): waiting for it would only blur what is measured.
make_port() {
	local ns=$LAB_NS$1
	ip netns add "$ns"
	tune "$ns" ipv6/conf/all/accept_dad=0 ipv6/conf/default/accept_dad=0
	ip -n "$ns" link set lo up
	plug_in "$1" "$2"
}

# plug_in NAME NUMBER: the interface of a namespace that exists, with its addresses, and the port.
plug_in() {
	local name=$1 number=$2 ns=$LAB_NS$1
	ip -n "$SWITCH" link add "$name" type veth peer name eth1 address "$(printf '02:00:0a:00:00:%02x' "$number")" netns "$ns"
	ip -n "$SWITCH" link set "$name" master br0
	ip -n "$ns" address add "$LAB_NET.$number/24" dev eth1
	ip -n "$ns" address add "$LAB_NET6:$number/64" dev eth1 nodad 2>/dev/null || true # a machine without IPv6
	ip -n "$ns" link set eth1 up
	[ -e "$FAULTS/cable/$name" ] || ip -n "$SWITCH" link set "$name" up
	[ ! -e "$FAULTS/delay/$name" ] || lay_slow_cable "$name"
}

remove_port() {
	remove_slow_cable "$1"
	ip -n "$SWITCH" link del "$1" 2>/dev/null || true
	[ ! -e "/run/netns/$LAB_NS$1" ] || ip netns del "$LAB_NS$1"
}

# This kernel need not have netem: frames that are to be late go through a program of ours (slow-cable.c), whose other end
# is the bridge's port instead. Nothing of it can be noticed at the node, its link stays up.
lay_slow_cable() {
	local delay jitter
	remove_slow_cable "$1"
	read -r delay jitter <"$FAULTS/delay/$1"
	[ -x "$LAB_RUN/slow-cable" ] || ${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -o "$LAB_RUN/slow-cable" "$LAB_DIR/slow-cable.c"
	setsid ip netns exec "$SWITCH" "$LAB_RUN/slow-cable" "$1" "$1-slow" "$delay" "$jitter" </dev/null >"$LAB_RUN/slow-cable.$1" 2>&1 &
	echo $! >"$LAB_RUN/slow-cable.$1.pid"
	disown
	wait_until 5 ip -n "$SWITCH" link show "$1-slow" || die "$1: no slow cable: $(cat "$LAB_RUN/slow-cable.$1")"
	ip -n "$SWITCH" link set "$1-slow" master br0 up
	ip -n "$SWITCH" link set "$1" nomaster
}

remove_slow_cable() {
	local pid
	read -r pid 2>/dev/null <"$LAB_RUN/slow-cable.$1.pid" || return 0
	rm -f "$LAB_RUN/slow-cable.$1"*
	kill "$pid" 2>/dev/null || true
	wait_until 5 no_link "$1-slow" || die "$1: its slow cable does not end"
	ip -n "$SWITCH" link set "$1" master br0 2>/dev/null || true # a node that is off has no port
}

no_link() { ! ip -n "$SWITCH" link show "$1" 2>/dev/null; }

hosts() { node_names; echo client; }

check_host() { hosts | grep -qx -- "$1" || die "$1: no such host (there are: $(hosts | xargs))"; }

# The faults are files, the rules are made from all of them and swapped at once:
#   faults/cable/NODE        link down             faults/in/NODE, out/NODE   frames to, from it are lost
#   faults/block/A>B         frames from A to B    faults/partition           the groups
#   faults/loss/NODE         1/10000 of the frames, each direction
#   faults/delay/NODE        how long it takes and the jitter, ms
# stamp: now something breaks
stamp() { now_us; printf 'at %d.%03d\n' $((NOW_US / 1000)) $((NOW_US % 1000)); }

apply_faults() {
	faults_rules | at_the_bridge | ip netns exec "$SWITCH" nft -f -
}

# Where a slow cable lies, its end is the bridge's port.
at_the_bridge() {
	local script='' file
	for file in "$FAULTS"/delay/*; do script="$script;s/\"${file##*/}\"/\"${file##*/}-slow\"/g"; done
	sed "${script#;}"
}

faults_rules() {
	printf 'table bridge lab\ndelete table bridge lab\ntable bridge lab {\n'
	printf 'chain forward {\ntype filter hook forward priority 0; policy accept;\n'
	local file name share
	for file in "$FAULTS"/in/*; do name=${file##*/}; printf 'oifname "%s" drop\n' "$name"; done
	for file in "$FAULTS"/out/*; do name=${file##*/}; printf 'iifname "%s" drop\n' "$name"; done
	for file in "$FAULTS"/block/*; do
		name=${file##*/}
		printf 'iifname "%s" oifname "%s" drop\n' "${name%>*}" "${name#*>}"
	done
	[ ! -e "$FAULTS/partition" ] || partition_rules <"$FAULTS/partition"
	for file in "$FAULTS"/loss/*; do
		name=${file##*/}
		share=$(cat "$file")
		printf 'iifname "%s" numgen random mod 10000 < %s drop\n' "$name" "$share"
		printf 'oifname "%s" numgen random mod 10000 < %s drop\n' "$name" "$share"
	done
	printf '}\n}\n'
}

partition_rules() {
	awk '
		{
			groups = split($0, group, "|")
			for (i = 1; i <= groups; i++) {
				set[i] = ""
				n = split(group[i], host, /[ ,]+/)
				for (j = 1; j <= n; j++) if (host[j] != "") set[i] = set[i] (set[i] == "" ? "" : ", ") "\"" host[j] "\""
			}
			for (i = 1; i <= groups; i++) for (j = 1; j <= groups; j++)
				if (i != j && set[i] != "" && set[j] != "") printf "iifname { %s } oifname { %s } drop\n", set[i], set[j]
		}'
}

cmd_cut() {
	local node=${1:?NODE} how=${2:-cable}
	check_host "$node"
	case $how in
	cable)
		: >"$FAULTS/cable/$node"
		stamp
		ip -n "$SWITCH" link set "$node" down
		return ;;
	in|out) : >"$FAULTS/$how/$node" ;;
	silent|late) : >"$FAULTS/in/$node"; : >"$FAULTS/out/$node" ;;
	*) die "cut: cable, silent, late, in or out" ;;
	esac
	stamp
	apply_faults
	if [ "$how" = late ]; then
		ip -n "$SWITCH" link set "$node" down
		ip -n "$SWITCH" link set "$node" up
	fi
}

cmd_replug() {
	check_host "${1:?NODE}"
	stamp
	remove_slow_cable "$1"
	ip -n "$LAB_NS$1" link del eth1
	sleep "${2:-0}"
	plug_in "$1" $((100 + $(node_number "$1")))
	apply_faults
}

cmd_block() {
	check_host "${1:?FROM}"
	check_host "${2:?TO}"
	: >"$FAULTS/block/$1>$2"
	stamp
	apply_faults
}

cmd_partition() {
	local host
	for host in ${1//[|,]/ }; do check_host "$host"; done
	printf '%s\n' "${1:?GROUPS}" >"$FAULTS/partition"
	stamp
	apply_faults
}

cmd_heal() {
	local node cables
	[ -z "${1:-}" ] || check_host "$1"
	cables=$(cd "$FAULTS/cable" && ls)
	if [ -n "${1:-}" ]; then
		cables=$(grep -x -- "$1" <<<"$cables" || true)
		rm -f "$FAULTS"/{cable,in,out}/"$1" "$FAULTS/block/$1>"* "$FAULTS/block/"*">$1"
		heal_partition "$1"
	else
		rm -f "$FAULTS"/{cable,in,out,block}/* "$FAULTS/partition"
	fi
	apply_faults
	for node in $cables; do
		ip -n "$SWITCH" link set "$node" up 2>/dev/null || true # a node that is off has no port
	done
}

# A node healed alone leaves its group and hears everybody again.
heal_partition() {
	[ -e "$FAULTS/partition" ] || return 0
	sed -i -E "s/(^|[ |,])$1([ |,]|\$)/\\1\\2/" "$FAULTS/partition"
}

cmd_link() {
	local node=${1:?NODE} delay='' jitter=0
	check_host "$node"
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		clear)
			rm -f "$FAULTS/loss/$node" "$FAULTS/delay/$node"
			remove_slow_cable "$node"
			shift ;;
		loss|delay|jitter)
			[[ ${2:-} =~ ^([0-9]+(\.[0-9]+)?)(%|ms)?$ ]] || die "link: $1 needs a number"
			case $1 in
			loss)   awk -v p="${BASH_REMATCH[1]}" 'BEGIN { printf "%d\n", p * 100 }' >"$FAULTS/loss/$node" ;;
			delay)  delay=${BASH_REMATCH[1]} ;;
			jitter) jitter=${BASH_REMATCH[1]} ;;
			esac
			shift 2 ;;
		*) die "link: loss PERCENT, delay MS, jitter MS or clear" ;;
		esac
	done
	if [ -n "$delay" ]; then
		printf '%s %s\n' "$delay" "$jitter" >"$FAULTS/delay/$node"
		lay_slow_cable "$node"
	fi
	apply_faults
}
