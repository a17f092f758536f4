# shellcheck shell=bash
# Three nodes with the recipe, or with the package; and when they are at rest. Sourced by `run`.
#
# PHASE says which: recipe or ours. Units' names and commands that differ are looked up by it.

NODES=(cc1 cc2 cc3)
S9S_USER=bench # whose key the simulators know; the recipe's install writes it into s9s.conf

unit() {
	case $PHASE-$1 in
	*-check)           echo xinetd.service ;;
	recipe-*)          echo "$1.service" ;;
	ours-*)            echo "cmonha-ui-$1.service" ;;
	esac
}

# ---------------------------------------------------------------- building

build_tools() {
	local flags='-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra'
	mkdir -p "$OUT"
	# shellcheck disable=SC2086 # a list
	{
		${CC:-cc} $flags -o "$OUT/s9s" "$BENCH/s9s.c" -ljansson -lssl -lcrypto
		${CC:-cc} $flags -o "$OUT/canned" "$BENCH/canned.c"
		${CC:-cc} $flags -o "$OUT/ask" "$BENCH/ask.c"
	}
	[ -e "$OUT/s9s.pub" ] || {
		openssl genrsa -out "$OUT/s9s.key" 2048 2>/dev/null
		openssl rsa -in "$OUT/s9s.key" -pubout -out "$OUT/s9s.pub" 2>/dev/null
	}
}

# killall's package, which nothing that the recipe names pulls in.
fetch_psmisc() {
	[ -z "$(find "$OUT" -name 'psmisc_*.deb')" ] || return 0
	(cd "$OUT" && apt-get download -q -o APT::Sandbox::User=root psmisc >/dev/null)
}

# ---------------------------------------------------------------- the two phases

nodes_up() {
	local node tool
	"$LAB" up "$@"
	for node in "${NODES[@]}"; do
		node_exec "$node" mkdir -p /opt/bench
		for tool in ask canned; do "$LAB" copy "$OUT/$tool" "$node:/opt/bench/$tool"; done
	done
}

recipe_up() {
	local node file
	fetch_psmisc
	LAB_SIM_OPTIONS="--user-key $S9S_USER=/opt/bench/s9s.pub" nodes_up
	"$LAB" publish "$OUT"/psmisc_*.deb
	LAB_PACKAGE='haproxy keepalived xinetd psmisc libjansson4 libssl3' "$LAB" install --parallel "${NODES[@]}"
	for node in "${NODES[@]}"; do
		for file in "$BENCH"/recipe/* "$OUT"/s9s "$OUT"/s9s.key "$OUT"/s9s.pub; do
			"$LAB" copy "$file" "$node:/opt/bench/${file##*/}"
		done
		node_exec "$node" /opt/bench/install "$LAB_VIP/24" cc1=10.0.0.101 cc2=10.0.0.102 cc3=10.0.0.103
	done
}

ours_up() {
	local node file=$OUT/cluster.conf
	nodes_up --deb "$DEB"
	printf '[cluster]\nvip = %s/24\n\n[ui]\nforward = 81:80\n' "$LAB_VIP" >"$file"
	for node in "${NODES[@]}"; do printf '\n[node %s]\naddress = %s\n' "$node" "$(node_address "$node")"; done >>"$file"
	for node in "${NODES[@]}"; do "$LAB" copy "$file" "$node:/etc/cmonha-ui/cluster.conf"; done
	"$LAB" install --parallel "${NODES[@]}"
}

# ---------------------------------------------------------------- at rest

holder()     { vip_holders | head -n 1; }
one_holder() { [ "$(vip_holders | wc -l)" = 1 ]; }

# The first node that is none of those given.
another() {
	local node
	for node in "${NODES[@]}"; do
		if [[ " $* " != *" $node "* ]]; then
			printf '%s\n' "$node"
			return
		fi
	done
	die "no node left besides: $*"
}

# The recipe's VIP always goes back to the node of the highest priority; ours stays.
vip_is_settled() {
	one_holder && { [ "$PHASE" != recipe ] || [ "$(holder)" = cc1 ]; }
}

# keepalived's own last word on each node: after a fault a node is no candidate for some seconds.
vrrp_is_settled() {
	local node state
	for node in "${NODES[@]}"; do
		if [ "$PHASE" = ours ]; then
			grep -Eq '"vrrp":\{"state":"(master|backup)"' \
				"/proc/$(node_init "$node")/root/run/cmonha-ui/watch.json" || return 1
			continue
		fi
		state=$(node_exec "$node" journalctl -q -o cat -n 400 -u "$(unit keepalived)" |
			sed -n 's/.*Entering \([A-Z]*\) STATE.*/\1/p' | tail -n 1)
		case $state in MASTER|BACKUP) ;; *) return 1 ;; esac
	done
}

# Asked directly, each node's HAProxy shows the leader, six times in a row (the recipe's hands users round).
proxies_are_right() {
	local node urls seen leader=$1
	for node in "${NODES[@]}"; do
		urls=()
		for _ in 1 2 3 4 5 6; do urls+=(-o /dev/null "http://$(node_address "$node"):81/"); done
		seen=$(node_exec client curl -s -m 2 -H 'Connection: close' -w '%header{x-sim-role} %header{x-sim-node}\n' \
			"${urls[@]}" | sort -u)
		[ "$seen" = "leader $leader" ] || return 1
	done
}

# settle: everything is as if nothing had ever happened. Sets LEADER and HOLDER.
settle() {
	local node
	wait_until 30 "$LAB" leader || die "no leader"
	LEADER=$("$LAB" leader)
	wait_until 40 vip_is_settled || die "the VIP is on: $(vip_holders | xargs)"
	wait_until 40 vrrp_is_settled || die "keepalived does not settle"
	if [ "$PHASE" = recipe ]; then
		for node in "${NODES[@]}"; do
			wait_until 20 node_exec "$node" /opt/bench/believe "$LEADER" || die "$node: HAProxy's socket does not answer"
		done
	fi
	wait_until 30 proxies_are_right "$LEADER" || die "not every HAProxy shows $LEADER"
	HOLDER=$(holder)
}

# settle_apart: and the leader is on another node than the VIP, so that one thing at a time fails. Chance says on which.
settle_apart() {
	local to
	wait_until 40 vip_is_settled || die "the VIP is on: $(vip_holders | xargs)"
	to=$(random_other "$(holder)")
	if [ "$("$LAB" leader || true)" != "$to" ]; then
		# A node that just booted may not get its votes at the first try.
		wait_until 20 "$LAB" lead "$to" || die "$to does not become the leader"
	fi
	settle
	[ "$HOLDER" != "$LEADER" ] || settle_apart
}

random_other() {
	local node others=()
	for node in "${NODES[@]}"; do [ "$node" = "$1" ] || others+=("$node"); done
	printf '%s\n' "${others[RANDOM % ${#others[@]}]}"
}
