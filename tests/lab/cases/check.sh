# shellcheck shell=bash
# The check, asked by people who mean well and by others.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

rude() { node_exec "$(other "$1")" /opt/cmon-sim/rude-client "$(node_address "$1")" 9201 "${@:2}"; }

# What CMON does wrong is told as such, and is never a leader.
fault_is_told() {
	local fault=$1 reason=$2 got='' node
	node=$(leader)
	# shellcheck disable=SC2086 # words of the fault
	sim "$node" fault $fault >/dev/null
	wait_until 4 reason_is "$node" "$reason" || got=$(check_reason "$node")
	if [ -n "$got" ]; then
		sim "$node" fault none >/dev/null
		wrong "the reason is $got, not $reason"
	fi
	check_says "$node" 503 || wrong "it answers $(check_answer "$node")"
	probe until status=503 --limit 5 >/dev/null || wrong "the VIP shows no \"no leader\" page"
	sim "$node" fault none >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

cmon_down() {
	local node got=''
	node=$(leader)
	node_exec "$node" systemctl stop cmon.service
	wait_until 4 check_says "$node" 503 || wrong "it answers $(check_answer "$node")"
	reason_is "$node" refused || wrong "the reason is $(check_reason "$node")"
	page_of_leader 20 || got=none
	node_exec "$node" systemctl start cmon.service
	[ -z "$got" ] || wrong "nobody else's page is shown"
	wait_until 10 reason_is "$node" follower || wrong "it is no follower afterwards"
}

ui_down() {
	local node
	node=$(leader)
	sim "$node" ui down >/dev/null
	wait_until 4 reason_is "$node" ui-down || { sim "$node" ui up >/dev/null; wrong "the reason is $(check_reason "$node")"; }
	sim "$node" ui up >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

# It accepts, and says nothing.
ui_hangs() {
	local node
	node=$(leader)
	sim "$node" ui hang >/dev/null
	wait_until 10 reason_is "$node" ui-down || { sim "$node" ui up >/dev/null; wrong "the reason is $(check_reason "$node")"; }
	sim "$node" ui up >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

fifty_at_once() {
	local answers
	make_leader cc2
	answers=$(node_exec cc2 sh -c "seq 50 | xargs -P 50 -I{} curl -s -m 3 -o /dev/null -w '%{http_code}\n' http://10.0.0.101:9201/follower" | sort | uniq -c | xargs)
	[ "$answers" = "50 200" ] || wrong "got: $answers"
}

rude_is_answered() {
	local how=$1 wanted=$2 got
	got=$(rude cc1 "$how") || wrong "$how: $got"
	[ "$got" = "$wanted" ] || wrong "$how: $got, not $wanted"
}

# Who is no node, not allowed and not local gets told so, and how to change it.
stranger_is_refused() {
	local answer
	answer=$(node_exec client curl -s -m 3 -w '%{http_code}' http://10.0.0.101:9201/)
	case $answer in
	*allow*403) ;;
	*) wrong "got: $answer" ;;
	esac
}

# One who may not ask connects all the time; who may is answered in time all the same.
flood_delays_nobody() {
	local flood got count
	node_exec client "$LAB_DIR/rude-client" 10.0.0.101 9201 flood >"$LAB_RUN/flood" &
	flood=$!
	got=$(rude cc1 honest) || true
	wait "$flood" || wrong "the flood broke off"
	count=$(cat "$LAB_RUN/flood")
	[ "$count" -gt 1000 ] || wrong "that was no flood: $count connections"
	[ "$got" = 200 ] || wrong "of $count connections beside it: $got"
}

xinetd_restarts() {
	local node
	node=$(leader)
	node_exec "$node" systemctl restart xinetd.service
	wait_until 5 check_says "$node" 200 || wrong "it answers $(check_answer "$node")"
	page "$node"
}

# A stopped xinetd must not leave a check behind that keeps the port.
xinetd_stops() {
	local node
	node=$(leader)
	check_says "$node" 200
	node_exec "$node" systemctl stop xinetd.service
	wait_until 5 port_is_free "$node" 9201 || wrong "something still listens on 9201"
	node_exec "$node" systemctl start xinetd.service
	wait_until 5 check_says "$node" 200 || wrong "it does not come back"
	page "$node"
}
port_is_free() { ! node_exec "$1" ss -Htln "sport = :$2" | grep -q .; }

# The leader cut off from the others is not shown, long before an election.
isolated_leader() {
	local node
	node=$(leader)
	"$LAB" cut "$node" silent >/dev/null
	wait_until 4 says_here "$node" no-quorum || { "$LAB" heal >/dev/null; wrong "it says $(reason_here "$node")"; }
	"$LAB" heal >/dev/null
	page_of_leader 30
}
reason_here() { node_exec "$1" curl -s -m 3 -o /dev/null -D - "http://127.0.0.1:9201/" | sed -n 's/\r$//; s/^X-Cmonha-Reason: //p'; }
says_here() { [ "$(reason_here "$1")" = "$2" ]; }

# Two that both call themselves leader: nobody is shown.
two_leaders() {
	local node second
	node=$(leader)
	second=$(other "$node")
	sim "$second" fault claim-leader >/dev/null
	wait_until 4 reason_is "$node" two-leaders || { sim "$second" fault none >/dev/null; wrong "$node says $(check_reason "$node")"; }
	wait_until 4 reason_is "$second" two-leaders || { sim "$second" fault none >/dev/null; wrong "$second says $(check_reason "$second")"; }
	wait_until 10 vip_page_says 'Two controllers claim to lead.' || { sim "$second" fault none >/dev/null; wrong "the page does not say so"; }
	sim "$second" fault none >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

vip_page_says() { node_exec client curl -s -m 5 "http://$LAB_VIP:81/" | grep -qF "$1"; }

no_privileges() {
	local pid
	check_says cc1 200 || true
	pid=$(node_exec cc1 pidof -s cmonhachk) || wrong "no resident cmonhachk"
	node_exec cc1 grep -qE '^Uid:[[:space:]]+([1-9][0-9]*)[[:space:]]+\1[[:space:]]+\1' "/proc/$pid/status" || wrong "it runs as root"
	node_exec cc1 grep -qE '^Cap(Prm|Eff|Amb):[[:space:]]+[0-9a-f]*[1-9a-f]' "/proc/$pid/status" && wrong "it has capabilities"
	return 0
}

# What each node reports is as documented, and as it is.
status_is_valid() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" curl -s -m 3 "http://$(node_address "$node"):9201/status" >"$LAB_RUN/status.json"
		"$LAB_DIR/../validate" "$LAB_DIR/../../conf/status.schema.json" "$LAB_RUN/status.json" || wrong "$node: $(cat "$LAB_RUN/status.json")"
		[ "$(jq -r .role "$LAB_RUN/status.json")" = "$(is_leader "$node" && echo leader || echo follower)" ] || wrong "role of $node"
		[ "$(jq -r '.vips[0].here' "$LAB_RUN/status.json")" = "$(holder | grep -qx "$node" && echo true || echo false)" ] || wrong "VIP of $node"
		[ "$(jq -c '[.units[] | .running and .enabled]' "$LAB_RUN/status.json")" = "[true,true,true]" ] || wrong "units of $node"
		[ "$(jq -r '[.watch, .vrrp.state] | join(" ")' "$LAB_RUN/status.json")" = "current $(holder | grep -qx "$node" && echo master || echo backup)" ] || wrong "VRRP of $node"
	[ "$(jq -r '[.haproxy.servers[] | select(.state == "up") | .name] | join(" ")' "$LAB_RUN/status.json")" = "$(leader)" ] || wrong "servers of $node"
	[ "$(jq -c '[.edited, .problems]' "$LAB_RUN/status.json")" = "[false,[]]" ] || wrong "problems of $node"
	done
}

# A stopped unit and an edit show within two seconds, and are gone when they are.
status_has_problems() {
	node_exec cc3 systemctl stop cmonha-ui-keepalived.service
	node_exec cc3 sh -c 'echo "# edited" >>/etc/cmonha-ui/cluster.conf'
	wait_until 3 problem_kinds_are cc3 not-applied,unit || wrong "with both: $(problem_kinds cc3)"
	node_exec cc3 sed -i '$d' /etc/cmonha-ui/cluster.conf
	node_exec cc3 systemctl start cmonha-ui-keepalived.service
	wait_until 3 problem_kinds_are cc3 '' || wrong "afterwards: $(problem_kinds cc3)"
}
problem_kinds() { node_exec "$1" curl -s -m 3 "http://127.0.0.1:9201/status" | jq -r '[.problems[].kind] | sort | join(",")'; }
problem_kinds_are() { [ "$(problem_kinds "$1")" = "$2" ]; }

t_run "/status of each node is as its schema says, and true" status_is_valid
t_run "/status reports a stopped unit and an edit" status_has_problems
t_run "cmon hangs: time-out, the page says no leader" fault_is_told hang time-out
t_run "cmon answers garbage: told, the page says no leader" fault_is_told garbage malformed
t_run "cmon answers 500: told, the page says no leader" fault_is_told http500 http-error
t_run "cmon answers an unknown status: told" fault_is_told "wrong-status Sleeping" unknown-status
t_run "cmon is down: refused, another leader is shown" cmon_down
t_run "the UI is down on the leader: ui-down" ui_down
t_run "the UI accepts and does not answer: ui-down" ui_hangs
t_run "50 checks at once: 50 good answers" fifty_at_once
t_run "a check sent in pieces is answered" rude_is_answered pieces 200
t_run "half a request: 408 in time, no reset" rude_is_answered half 408
t_run "a request of 1 MB: 400, no reset" rude_is_answered megabyte 400
t_run "1,000 idle connections do not delay an honest check" rude_is_answered crowd 200
t_run "a stranger gets 403 and the reason" stranger_is_refused
t_run "a flood from a stranger does not delay an honest check" flood_delays_nobody
t_run "xinetd restarts: the check answers again" xinetd_restarts
t_run "xinetd stops: the port is free" xinetd_stops
t_run "an isolated leader says no-quorum" isolated_leader
t_run "two leaders: both say two-leaders, and so does the page" two_leaders
t_run "the check runs without rights" no_privileges
