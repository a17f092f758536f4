# shellcheck shell=bash
# What one check costs, and the whole product. Sourced by `run`. Asked from another node, a new connection each time, on
# the leader's node, while the three HAProxies ask as they always do.

ask() { node_exec "$(another "$LEADER")" /opt/bench/ask "$(node_address "$LEADER")" "$@"; }

# cpu_us NODE UNIT: CPU time that the unit's processes have used, those that ended included.
cpu_us() {
	local init
	init=$(node_init "$1")
	sed -n 's/^usage_usec //p' "/proc/$init/root/sys/fs/cgroup/system.slice/$2/cpu.stat"
}

# measured CASE PORT UNIT COUNT [PAUSE_MS]: a line with what the client saw and what it cost the unit.
measured() {
	local before seen
	before=$(cpu_us "$LEADER" "$3")
	seen=$(ask "$2" "${@:4}") || die "$1: the check's port does not answer"
	printf '{"asked": %s, "cpu_us": %s}\n' "$seen" "$(($(cpu_us "$LEADER" "$3") - before))" >>"$OUT/$PHASE.$1.jsonl"
}

start_canned() {
	node_exec "$LEADER" systemd-run -q --unit=bench-canned /opt/bench/canned "$(node_address "$LEADER")" 9299
	wait_until 5 ask 9299 1 || die "the canned answer does not answer"
}

# In turns, so that a slow moment of the machine meets both.
check_ours() {
	local round
	settle
	start_canned
	report "ours: 2,000 checks and 2,000 canned answers, in turns"
	ask 9201 1 >/dev/null
	for round in 1 2 3 4 5; do
		measured canned 9299 bench-canned.service 400
		measured check 9201 "$(unit check)" 400
	done
	report "ours: $((BENCH_CHECKS)) checks, looking for resets; as many canned answers"
	measured canned-many 9299 bench-canned.service "$BENCH_CHECKS"
	measured check-many 9201 "$(unit check)" "$BENCH_CHECKS"
	report "ours: 200 checks, one in 250 ms, as a HAProxy asks"
	measured check-paced 9201 "$(unit check)" 200 250
	node_exec "$LEADER" systemctl stop bench-canned.service
	memory_ours
}

check_recipe() {
	settle
	report "recipe: 200 checks, one after the other"
	measured check 9201 "$(unit check)" 200
}

memory_ours() {
	local pid
	pid=$(node_exec "$LEADER" pidof -s cmonhachk) || die "no resident cmonhachk on $LEADER"
	node_exec "$LEADER" sh -c "cat /proc/$pid/status /proc/$pid/smaps_rollup" |
		awk '/^VmRSS:/ { rss = $2 } /^Pss:/ { pss = $2 } END { printf "{\"rss_kib\": %d, \"pss_kib\": %d}\n", rss, pss }' \
			>"$OUT/ours.memory.jsonl"
}

# The CPU share of all of it on each node, with nobody asking but the HAProxies.
idle_cost() {
	local node part parts before after seconds=30
	read -ra parts <<<"check haproxy keepalived$([ "$PHASE" = recipe ] || echo ' watch')"
	declare -A before
	settle
	report "$PHASE: CPU of the whole at rest, $seconds s"
	for node in "${NODES[@]}"; do
		for part in "${parts[@]}"; do before[$node-$part]=$(cpu_us "$node" "$(unit $part)"); done
	done
	now_us
	local since=$NOW_US
	sleep "$seconds" # this is what is measured
	now_us
	for node in "${NODES[@]}"; do
		for part in "${parts[@]}"; do
			after=$(cpu_us "$node" "$(unit $part)")
			printf '{"node": "%s", "leads": %s, "holds_vip": %s, "part": "%s", "cpu_us": %d, "of_us": %d}\n' "$node" \
				"$([ "$node" = "$LEADER" ] && echo true || echo false)" "$([ "$node" = "$HOLDER" ] && echo true || echo false)" \
				"$part" $((after - before[$node-$part])) $((NOW_US - since))
		done
	done >"$OUT/$PHASE.idle.jsonl"
}
