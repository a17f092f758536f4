# shellcheck shell=bash
#
# A node: what its disk gets before it boots, how it is started and switched off, its clock. Sourced by ../lab.

# suite_wanted NODE: of the node, before the lab is up; node_suite NODE: of a node of this lab.
suite_wanted() {
	local own=LAB_SUITE_$1
	if [ -n "${!own:-}" ]; then printf '%s\n' "${!own}"; else suite; fi
}

node_suite() { cat "$(node_dir "$1")/suite"; }

peers() {
	local node list=''
	for node in $(node_names); do list=$list,$(node_address "$node"); done
	printf '%s\n' "${list#,}"
}

# What makes a node out of the common root, written into its disk before it boots for the first time.
write_node() {
	local node=$1 disk address
	disk=$(node_dir "$node")/disk/upper
	address=$(node_address "$node")
	mkdir -p "$disk"/etc/default "$disk"/etc/systemd/system/multi-user.target.wants
	printf '%s\n' "$node" >"$disk/etc/hostname"
	write_hosts >"$disk/etc/hosts"
	# With a machine-id of its own systemd does not think that this is the first boot and enables nothing by itself.
	printf '%s' "cmonha-lab $node $(cat /proc/sys/kernel/random/uuid)" | md5sum | cut -c1-32 >"$disk/etc/machine-id"
	printf '%s\n' '# The CMON controller (simulated by the lab)' "RPC_BIND_ADDRESSES=\"$address,127.0.0.1\"" >"$disk/etc/default/cmon"
	write_cmon_unit "$node" "$address" >"$disk/etc/systemd/system/cmon.service"
	[ ! -e "$LAB_RUN/clock/$node" ] || write_clock_units "$node" "$disk/etc/systemd/system"
	ln -s /etc/systemd/system/cmon.service "$disk/etc/systemd/system/multi-user.target.wants/cmon.service"
	chmod -R u=rwX,go=rX "$disk/etc"
	chmod 444 "$disk/etc/machine-id"
}

write_hosts() {
	local node
	printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
	for node in $(node_names); do printf '%s %s\n' "$(node_address "$node")" "$node"; done
}

write_cmon_unit() {
	cat <<-EOF
		[Unit]
		Description=ClusterControl's controller (simulated)
		After=network.target

		[Service]
		Type=notify
		NotifyAccess=all
		EnvironmentFile=-/etc/default/cmon
		RuntimeDirectory=cmon-sim
		RuntimeDirectoryPreserve=yes
		ExecStart=/opt/cmon-sim/cmon-sim --name $1 --address $2 --peers $(peers) --state-dir /run/cmon-sim ${LAB_SIM_OPTIONS:-}
		Restart=on-failure
		RestartSec=1
		TimeoutStopSec=5

		[Install]
		WantedBy=multi-user.target
	EOF
}

# A library and, per node, how far its clock is ahead: see jumping-clock.c.
make_clocks() {
	local node
	mkdir "$LAB_RUN/clock"
	[ "${LAB_CLOCKS:-}" = 1 ] || return 0
	${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o "$LAB_RUN/clock/jumping-clock.so" "$LAB_DIR/jumping-clock.c"
	for node in $(node_names); do head -c 8 /dev/zero >"$LAB_RUN/clock/$node"; done
}

write_clock_units() {
	local unit
	for unit in cmonha-ui-haproxy cmonha-ui-keepalived xinetd; do
		mkdir -p "$2/$unit.service.d"
		printf '[Service]\nEnvironment=LD_PRELOAD=/opt/lab-clock/jumping-clock.so LAB_CLOCK=/opt/lab-clock/%s\n' \
			"$1" >"$2/$unit.service.d/lab-clock.conf"
	done
}

# In place: the file is mapped.
cmd_clock() {
	check_node "${1:?NODE}"
	[[ ${2:-} =~ ^-?[0-9]{1,9}$ ]] || die "clock: how many seconds ahead or (negative) behind"
	[ -e "$LAB_RUN/clock/$1" ] || die "clock: this lab's clocks cannot jump (LAB_CLOCKS=1 $LAB up)"
	stamp
	/usr/bin/python3 -I -S -c 'import sys; open(sys.argv[1], "r+b").write((int(sys.argv[2]) * 10**9).to_bytes(8, sys.byteorder, signed=True))' \
		"$LAB_RUN/clock/$1" "$2"
}

make_disk() {
	local dir
	dir=$(node_dir "$1")
	mkdir -p "$dir/disk" "$dir/root"
	mount -t tmpfs -o "size=${LAB_DISK:-1g},mode=755" "$LAB_NS$1" "$dir/disk"
	mkdir "$dir/disk/upper" "$dir/disk/work"
}

# launch NODE: starts the container and returns. $! is the later systemd-nspawn's pid: setsid, unshare, bash and nspawn
# each replace the one before. A session of its own keeps the terminal's Ctrl-C away from it.
launch() {
	local dir suite
	dir=$(node_dir "$1")
	suite=$(node_suite "$1")
	setsid unshare --mount --propagation slave "$BASH" "$LAB" __node "$1" "$(LAB_SUITE=$suite cache)/root" \
		"$LAB_RUN/repo/$suite" >"$dir/console" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	disown # how it ends is not for bash to announce
}

# The second half of launch, in the node's own mount namespace. Inherited descriptors (locks, pipes) are closed first.
become_node() {
	local node=$1 lower=$2 repo=$3 dir fd ro
	dir=$(node_dir "$node")
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		((fd <= 2 || fd == 255)) || eval "exec $fd<&-"
	done
	own_cgroup2
	mkdir -p "$GROUP/$node"
	echo $$ >"$GROUP/$node/cgroup.procs"
	# nspawn's own notes about running machines stay in here as well
	if [ -d /run/systemd ]; then mount -t tmpfs none /run/systemd; fi
	mount -t overlay "$LAB_NS$node" -o "lowerdir=$lower,upperdir=$dir/disk/upper,workdir=$dir/disk/work" "$dir/root"
	ro=${LAB_DIR//\\/\\\\}
	ro=${ro//:/\\:}
	export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_LOG_TARGET=console
	exec systemd-nspawn --quiet --boot --keep-unit --register=no --directory="$dir/root" \
		--machine="$LAB_NS$node" --hostname="$node" --network-namespace-path="/run/netns/$LAB_NS$node" \
		--capability=CAP_NET_ADMIN,CAP_IPC_LOCK --resolv-conf=off --timezone=off --link-journal=no --console=read-only \
		--bind-ro="$repo:/srv/repo" --bind-ro="$ro:/opt/cmon-sim" \
		--bind-ro="$LAB_RUN/clock:/opt/lab-clock"
}

# Up is when systemd says so: units that failed are the tests' business, not ours.
wait_booted() {
	local node=$1 state
	wait_until 30 node_on "$node" || { tail -n 5 "$(node_dir "$node")/console" >&2; die "$node does not start"; }
	wait_until 30 booting_bus "$node" || { tail -n 5 "$(node_dir "$node")/console" >&2; die "$node does not boot"; }
	state=$(timeout 90 "$LAB" exec "$node" systemctl is-system-running --wait) || true
	case $state in
	running|degraded) ;;
	*) tail -n 5 "$(node_dir "$node")/console" >&2; die "$node does not come up (systemd says: ${state:-nothing})" ;;
	esac
}

booting_bus() { [ -S "/proc/$(node_init "$1")/root/run/systemd/private" ]; }

check_node() { node_exists "${1:?NODE}" || die "$1: no such node"; }

nspawn_gone() {
	local pid
	read -r pid 2>/dev/null <"$(node_dir "$1")/pid" || return 0
	[ ! -e "/proc/$pid/ns/mnt" ] || grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null
}

# The cable first, so that no FIN or RST of dying processes is heard; then PID 1, with which the kernel kills the rest.
cmd_power_off() {
	local init node=${1:-}
	check_node "$node"
	init=$(node_init "$node") || die "$node: is off already"
	stamp
	ip -n "$SWITCH" link set "$node" down
	kill -KILL "$init"
	wait_until 10 node_is_dead "$init" || die "$node: does not die"
}

node_is_dead() { [ ! -e "/proc/$1/ns/mnt" ] || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

# The unit's processes as the node's own control group lists them; read from here they are our numbers, so that one kill
# hits them all at the same moment.
cmd_kill() {
	local node=${1:?NODE} unit=${2:?UNIT} signal=${3:-KILL} init pids
	check_node "$node"
	init=$(node_init "$node") || die "$node: is off"
	mapfile -t pids < <(find "/proc/$init/root/sys/fs/cgroup/system.slice/$unit" -name cgroup.procs -exec cat {} + 2>/dev/null)
	[ "${#pids[@]}" -gt 0 ] || die "$node: $unit has no process"
	stamp
	kill -s "$signal" "${pids[@]}"
}

# The moment is the simulator's own word, to the ms.
cmd_lead() {
	local node=${1:-} answer
	check_node "$node"
	answer=$(sim "$node" lead) || die "$node: $answer"
	printf 'at %s\n' "$(elected_at "$node")"
}

# Of several that say so (a partition) the one of the latest term.
cmd_leader() {
	local node
	for node in $(node_names); do
		if node_on "$node"; then sim_role "$node" | sed -n "s/^leader, term \([0-9]*\)/\1 $node/p"; fi
	done | sort -n | tail -n 1 | cut -d' ' -f2 | grep .
}

# "ROLE, term N" by the simulator's log since it started; asking it would cost a Python start for each node.
sim_role() {
	[ -e "$(cmon_group "$1")" ] || { echo down; return; }
	node_events "$1" | awk '
		/"event": "start"/ { role = "follower, term 0" }
		/"event": "role"/  { match($0, /"role": "[a-z]+"/); word = substr($0, RSTART + 9, RLENGTH - 10)
		                     match($0, /"term": [0-9]+/);   role = word ", term " substr($0, RSTART + 8, RLENGTH - 8) }
		/"event": "leader"/ { match($0, /"term": [0-9]+/); sub(/[0-9]+$/, substr($0, RSTART + 8, RLENGTH - 8), role) }
		END { print role == "" ? "down" : role }'
}

cmon_group() { printf '%s\n' "/proc/$(node_init "$1")/root/sys/fs/cgroup/system.slice/cmon.service/cgroup.procs"; }

cmd_shutdown() {
	local init node=${1:-}
	check_node "$node"
	init=$(node_init "$node") || die "$node: is off already"
	node_exec "$node" systemctl --no-block poweroff
	wait_until 60 has_shut_down "$node" "$init" || die "$node: does not shut down"
}

has_shut_down() {
	wake_callers "$2"
	nspawn_gone "$1"
}

# At its end systemd stops all processes for a moment. An nsenter whose command is one of them stops as well, nothing reports
# it to go on, and a node does not die before who called into it has heard of the call's end.
wake_callers() {
	local pid
	for pid in $(ps -eo pid=,stat=,args= | awk -v init="$1" '$2 ~ /^T/ && $3 == "nsenter" && $4 == "--target" && $5 == init { print $1 }'); do
		kill -CONT "$pid" 2>/dev/null || true
	done
}

cmd_boot() {
	local node=${1:-}
	check_node "$node"
	! node_on "$node" || die "$node: is on already"
	wait_until 20 nspawn_gone "$node" || die "$node: is still going down"
	remove_port "$node"
	make_port "$node" $((100 + $(node_number "$node")))
	launch "$node"
	[ "${2:-}" = --no-wait ] || wait_booted "$node"
}
