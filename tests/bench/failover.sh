# shellcheck shell=bash
# What breaks, and for how long the page at the VIP was not the leader's. Sourced by `run`; the same code measures
# the recipe and ours.
#
# Each sample is one line of JSON in $OUT/PHASE.CASE.jsonl: what probe saw (tests/lab/probe, `during --json`), and what
# else belongs to it. A fault comes at a random moment of the checks' pace: RANDOM_PHASE ms at most.

# sample CASE CONDITION... -- CMD...: one measurement; PROBED is probe's object. A case that does not recover within
# LIMIT seconds is a sample too.
sample() {
	local status=0
	random_pause
	PROBED=$(probe during --json --limit "$LIMIT" "${@:2}") || status=$?
	[ "$status" -lt 2 ] || die "$1: the fault itself failed"
	[ -n "$PROBED" ] || die "$1: no measurement"
	PROBED_MS=$(sed -E 's/^\{"ms": ([0-9.]+|null).*/\1/' <<<"$PROBED")
	PROBED_AT=$(sed -E 's/.*"at": ([0-9.]+).*/\1/' <<<"$PROBED")
}

random_pause() {
	sleep "$(awk -v max="$RANDOM_PHASE" -v seed="$RANDOM" 'BEGIN { srand(seed); printf "%.3f", rand() * max / 1000 }')"
}

# keep CASE [EXTRA]: writes the sample down; EXTRA are members of the object.
keep() {
	printf '{"probe": %s, "limit": %s%s}\n' "$PROBED" "$((LIMIT * 1000))" "${2:+, $2}" >>"$OUT/$PHASE.$1.jsonl"
	[ "$PROBED_MS" = null ] && PROBED_MS="more than ${LIMIT}000"
	report "$PHASE, $1 ($DONE of $N): ${PROBED_MS%.*} ms${2:+  ($(tr -d '"' <<<"$2"))}"
}

# repeat N CASE: runs the case's function so many times.
repeat() {
	N=$1 DONE=0
	while [ "$DONE" -lt "$N" ]; do
		DONE=$((DONE + 1))
		"case_${2//-/_}" "$2"
	done
}

# ---------------------------------------------------------------- leadership

# With an open session to the old leader, to see when it is cut.
case_leader_moved() {
	local from to watch log=$OUT/stream cut=null
	settle
	from=$LEADER
	to=$(random_other "$from")
	rm -f "$log"
	nsenter --net="/run/netns/${LAB_NS}client" -- "$BENCH/watch-stream" "http://$LAB_VIP:81/stream" "$log" &
	watch=$!
	wait_until 5 test -s "$log" || die "no stream through the VIP"
	sample "$1" node="$to" role=leader -- "$LAB" lead "$to"
	wait_until 2 grep -q '^cut' "$log" || kill "$watch"
	wait "$watch" || true
	cut=$(sed -n 's/^cut //p' "$log")
	keep "$1" "\"from\": \"$from\", \"to\": \"$to\", \"cut_at\": ${cut:-null}, \"watched_until\": $(now_ms)"
}

# The election is the controllers' own affair; when it ended is in the simulator's log.
case_leader_off() {
	local from=''
	settle_apart
	from=$LEADER
	sample "$1" role=leader "node=!$from" -- "$LAB" power-off "$from"
	keep "$1" "\"elected_at\": $(elected_at "$("$LAB" leader)")"
	"$LAB" boot "$from"
}

# ---------------------------------------------------------------- HAProxy

case_haproxy_killed() {
	settle_apart
	sample "$1" role=leader -- "$LAB" kill "$HOLDER" "$(unit haproxy)" KILL
	keep "$1"
}

# Nobody starts it again: what killing it means where it cannot start, and what the recipe's 3.9 s were measured with.
case_haproxy_gone() {
	local drop
	settle_apart
	drop=/run/systemd/system/$(unit haproxy).d
	node_exec "$HOLDER" sh -c "mkdir -p $drop && printf '[Service]\nRestart=no\n' >$drop/bench.conf &&
		systemctl daemon-reload"
	sample "$1" role=leader -- "$LAB" kill "$HOLDER" "$(unit haproxy)" KILL
	keep "$1"
	node_exec "$HOLDER" sh -c "rm -r $drop && systemctl daemon-reload && systemctl start $(unit haproxy)"
}

case_haproxy_hangs() {
	settle_apart
	sample "$1" role=leader -- "$LAB" kill "$HOLDER" "$(unit haproxy)" STOP
	keep "$1"
	"$LAB" kill "$HOLDER" "$(unit haproxy)" CONT >/dev/null || true
}

# ---------------------------------------------------------------- the VIP's holder

# Whoever is left with the VIP: a keepalived that is killed cannot take it off.
case_keepalived_killed() {
	settle_apart
	sample "$1" role=leader -- "$LAB" kill "$HOLDER" "$(unit keepalived)" KILL
	keep "$1" "\"holders\": $(vip_holders | wc -l)"
	node_exec "$HOLDER" systemctl start "$(unit keepalived)"
}

case_holder_cut_off() {
	settle_apart
	sample "$1" role=leader -- "$LAB" cut "$HOLDER"
	keep "$1"
	"$LAB" heal
}

# The link stays up, so the cut-off node keeps the VIP as well: how long do two have it after the heal?
case_holder_silent() {
	local healed
	settle_apart
	sample "$1" role=leader -- "$LAB" cut "$HOLDER" silent
	random_pause
	"$LAB" heal
	now_us
	healed=$NOW_US
	wait_until 30 one_holder || die "two nodes keep the VIP"
	now_us
	keep "$1" "\"two_holders\": $(((NOW_US - healed) / 1000))"
}

case_holder_off() {
	local from
	settle_apart
	from=$HOLDER
	sample "$1" role=leader -- "$LAB" power-off "$from"
	keep "$1"
	"$LAB" boot "$from"
}
