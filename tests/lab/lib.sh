# shellcheck shell=bash
#
# What the lab's command, the tests and the demo share. Source it after `set -eu`:
#
#   . "$(dirname "$0")/../lab/lib.sh"
#
#   lab_guard                    hold the lab alone; take it down however this script ends (KEEP=1 leaves it)
#   "$LAB" up --deb FILE         the lab's command (see the header of tests/lab/lab)
#   node_exec cc1 CMD...         run CMD in a node or in the client's network; status passed on
#   wait_until SECONDS CMD...    poll CMD until it succeeds
#   now_ms                       CLOCK_MONOTONIC in ms; the same in all nodes, in cmon-sim's events and in probe
#   t_case NAME; pass|fail|skip  one test, said by hand
#   t_run NAME FUNCTION...       one test, a function: status 0 = pass, 77 = skip, else fail
#   t_end                        the closing line; status 1 when something failed

# shellcheck disable=SC2034 # some are for those who source this
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB=$LAB_DIR/lab
LAB_CACHE=${LAB_CACHE:-/var/cache/cmonha-lab}
LAB_NAME=${LAB_NAME:-lab} # letters and digits; labs of different names can be up at the same time
LAB_RUN=/run/cmonha-$LAB_NAME
LAB_NS=cmonha-$LAB_NAME-
LAB_NET=10.0.0
LAB_NET6=fd00:c: # the host's number is appended: fd00:c::101
LAB_VIP=${LAB_VIP:-$LAB_NET.200}

# ---------------------------------------------------------------- messages

say()  { printf '%s\n' "$*" >&2; }
die()  { say "${0##*/}: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

case $LAB_NAME in *[!a-z0-9]*) die "LAB_NAME: small letters and digits only" ;; esac

# ---------------------------------------------------------------- time

# Bash has no monotonic clock of its own, and a process per look would cost more than what is measured. So the distance
# between the wall clock (a variable in bash) and the monotonic one is asked once, and again whenever /proc/uptime
# shows that the wall clock was set.
lab_clock_sync() {
	local pair up
	pair=$(/usr/bin/python3 -I -S -c \
		'import time; print((time.time_ns() - time.monotonic_ns()) // 1000)')
	LAB_CLOCK_SKEW=$pair
	read -r up _ </proc/uptime
	LAB_CLOCK_UP=$((${EPOCHREALTIME/[.,]/} - ${up/./}0000))
}

now_us() {
	local wall=${EPOCHREALTIME/[.,]/} up drift
	read -r up _ </proc/uptime
	drift=$((wall - ${up/./}0000 - ${LAB_CLOCK_UP:--1000000000}))
	if ((drift > 50000 || drift < -50000)); then
		lab_clock_sync
		wall=${EPOCHREALTIME/[.,]/}
	fi
	NOW_US=$((wall - LAB_CLOCK_SKEW))
}

now_ms() { now_us; printf '%s\n' $((NOW_US / 1000)); }

# wait_until SECONDS CMD...: status of the wait: 0 came true, 1 did not in time. SECONDS may have a fraction.
wait_until() {
	local limit=$1 end
	shift
	now_us
	case $limit in
	*.*) limit=${limit}000000; end=$((NOW_US + 10#${limit%%.*} * 1000000 + 10#$(printf '%.6s' "${limit#*.}"))) ;;
	*)   end=$((NOW_US + limit * 1000000)) ;;
	esac
	until "$@" >/dev/null 2>&1; do
		now_us
		((NOW_US < end)) || return 1
		sleep 0.05
	done
}

# ---------------------------------------------------------------- nodes

node_dir()     { printf '%s\n' "$LAB_RUN/nodes/$1"; }
node_names()   { [ -e "$LAB_RUN/names" ] && cat "$LAB_RUN/names"; }
node_number()  { printf '%s\n' "${1#cc}"; }
node_address() { printf '%s\n' "$LAB_NET.$((100 + ${1#cc}))"; }
node_exists()  { [ -d "$LAB_RUN/nodes/$1" ]; }

# The pid (in our view) of the node's PID 1: the child of its systemd-nspawn that is number 1 in there. Queried again each
# time, as a node that reboots itself gets another one.
node_init() {
	local nspawn child children=''
	read -r nspawn 2>/dev/null <"$LAB_RUN/nodes/$1/pid" || return 1
	read -r children 2>/dev/null <"/proc/$nspawn/task/$nspawn/children" || true # the line has no end
	for child in $children; do
		if [ "/proc/$child/ns/net" -ef "/run/netns/$LAB_NS$1" ] &&
			grep -q '^NSpid:.*[[:space:]]1$' "/proc/$child/status" 2>/dev/null; then
			printf '%s\n' "$child"
			return 0
		fi
	done
	return 1
}

node_on() { node_init "$1" >/dev/null; }

# The client is a network namespace alone: the machine's own tools and this work tree are what asks there.
node_exec() {
	local node=$1 init
	shift
	if [ "$node" = client ]; then
		[ -e "/run/netns/${LAB_NS}client" ] || { say "client: the lab is not up"; return 125; }
		nsenter --net="/run/netns/${LAB_NS}client" -- "$@"
		return
	fi
	node_exists "$node" || { say "$node: no such node"; return 125; }
	init=$(node_init "$node") || { say "$node: is off"; return 125; }
	nsenter --target "$init" --all -- /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# vip_holders [ADDRESS]: the running nodes that have it on an interface at this moment, one a line.
# shellcheck disable=SC2120 # the argument is optional
vip_holders() {
	local node
	for node in $(node_names); do
		if node_on "$node" && [ -n "$(ip -n "$LAB_NS$node" -o address show to "${1:-$LAB_VIP}" 2>/dev/null)" ]; then
			printf '%s\n' "$node"
		fi
	done
}

# What the node's simulated controller wrote down; read from outside, so that it costs the node nothing.
node_events() { cat "/proc/$(node_init "$1")/root/run/cmon-sim/events.jsonl" 2>/dev/null; }

# When the node's controller became leader last (CLOCK_MONOTONIC, ms with fraction), by its own word.
elected_at() {
	node_events "$1" | sed -n 's/^{"monotonic_ms": \([0-9.]*\),.*"event": "role", "role": "leader".*/\1/p' |
		tail -n 1 | grep .
}

sim()   { node_exec "$1" /opt/cmon-sim/cmon-simctl "${@:2}"; }
probe() { node_exec client "$LAB_DIR/probe" "$@"; }

# ---------------------------------------------------------------- one lab of a name at a time

# The lock is on a directory of the cache, so that it leaves no file behind; the kernel drops it when the holder dies.
lab_lock() {
	[ -z "${LAB_SESSION:-}" ] || return 0
	mkdir -p "$LAB_CACHE/session/$LAB_NAME"
	exec {LAB_LOCK_FD}<"$LAB_CACHE/session/$LAB_NAME"
	flock --nonblock "$LAB_LOCK_FD" ||
		die "the lab is in use by process $(cat "$LAB_CACHE/session/$LAB_NAME/holder" 2>/dev/null || echo '?')"
	printf '%s (%s)\n' $$ "${0##*/}" >"$LAB_CACHE/session/$LAB_NAME/holder"
	LAB_SESSION=$$
	export LAB_SESSION
}

lab_end() {
	local status=$?
	trap - EXIT
	trap '' INT TERM HUP
	if [ "${KEEP:-0}" = 1 ] && [ -d "$LAB_RUN" ]; then
		: >"$LAB_RUN/kept"
		say "The lab stays up. Look around:  $LAB status | shell cc1 | exec cc2 CMD | exec client curl http://$LAB_VIP:81/"
		say "Take it down:  make lab-down   (or $LAB down)"
	else
		"$LAB" down || status=1
	fi
	exit "$status"
}

# What a crashed run left is taken down; a lab that somebody keeps is not, except in CI.
lab_guard() {
	[ "$(id -u)" = 0 ] || die "the lab needs root"
	lab_lock
	if [ -e "$LAB_RUN/kept" ] && [ "${CI:-}" != true ]; then
		die "a lab is up and was kept on purpose; take it down first: $LAB down"
	fi
	export LAB_GUARDED=1
	trap lab_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
	"$LAB" down
}

# ---------------------------------------------------------------- tests

T_PASSED=0 T_FAILED=0 T_SKIPPED=0 T_NAME='' T_SINCE=''

t_case() {
	[ -z "$T_NAME" ] || fail "ended without a verdict"
	T_NAME=$*
	T_SINCE=${EPOCHREALTIME/[.,]*/}
	now_us
	T_START=$NOW_US
}

t_verdict() {
	now_us
	printf '%-4s  %s  (%d ms)%s\n' "$1" "$T_NAME" $(((NOW_US - T_START) / 1000)) "${2:+: $2}"
	T_NAME=''
}

# shellcheck disable=SC2120 # what they take is optional
pass() { T_PASSED=$((T_PASSED + 1)); t_verdict ok "$*"; }
skip() { T_SKIPPED=$((T_SKIPPED + 1)); t_verdict skip "$*"; }
fail() { T_FAILED=$((T_FAILED + 1)); t_verdict FAIL "$*"; t_logs; }

# A case that is over before it began: skip_case NAME WHY.
skip_case() { t_case "$1"; skip "$2"; }

# What the nodes logged since the case began: ours, what we drive, the simulator.
t_logs() {
	local node
	for node in $(node_names); do
		printf '      --- %s' "$node"
		if ! node_on "$node"; then
			printf ' is off\n'
			continue
		fi
		printf ' (VIP: %s)\n' "$(vip_holders | grep -qx "$node" && echo here || echo no)"
		timeout 20 "$LAB" exec "$node" journalctl --no-pager -q -o short-precise -n "${T_LOG_LINES:-40}" --since "@$T_SINCE" \
			-u 'cmonha-ui*' -u xinetd.service -u haproxy.service -u keepalived.service -u cmon.service 2>&1 | sed 's/^/      /' || true
	done
}

# The function runs in a subshell of its own with `set -e` in force: the first command that fails, fails the test. (In
# an `if` or after `||` bash would ignore errors, hence the detour.)
t_run() {
	local name=$1 status
	shift
	t_case "$name"
	set +e
	(
		trap - EXIT
		set -e
		"$@"
	)
	status=$?
	set -e
	case $status in
	0)  pass ;;
	77) skip ;;
	*)  fail "$1 ended with status $status" ;;
	esac
}

# For use inside a function under t_run: say what is wrong and end the test.
wrong() { printf '      wrong: %s\n' "$*"; exit 1; }

t_end() {
	[ -z "$T_NAME" ] || fail "ended without a verdict"
	printf '%d passed, %d failed, %d skipped\n' "$T_PASSED" "$T_FAILED" "$T_SKIPPED"
	[ "$T_FAILED" = 0 ]
}
