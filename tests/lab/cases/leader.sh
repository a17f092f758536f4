# shellcheck shell=bash
# Who leads is who is shown.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

shown_when_leading() {
	local node
	make_leader "$1"
	page "$1" || wrong "the VIP does not show $1"
	for node in "${NODES[@]}"; do
		wait_until 3 check_says "$node" "$([ "$node" = "$1" ] && echo 200 || echo 503)" ||
			wrong "$node answers $(check_answer "$node")"
	done
	node_exec "$(other "$1")" curl -s "http://$(node_address "$1"):9201/" | grep -q '^This node is a leader\.' ||
		wrong "the recipe's sentence is missing"
	node_exec "$1" curl -s "http://$(node_address "$(other "$1")"):9201/" | grep -q '^This node is a follower\.' ||
		wrong "the recipe's sentence is missing"
}

# The page of nobody else after the new leader's page was first seen, and a session to the former leader is cut.
leader_moves() {
	local from to=cc1 seen
	from=$(leader)
	[ "$from" != cc1 ] || to=cc2
	page "$from"
	node_exec client curl -sN -m 20 "http://$LAB_VIP:81/stream" >"$LAB_RUN/stream" &
	seen=$!
	wait_until 5 test -s "$LAB_RUN/stream" || wrong "no stream"
	probe during "node=$to" role=leader -- "$LAB" sim "$to" lead >/dev/null || wrong "the VIP does not show $to"
	wait_until 3 ended "$seen" || { kill "$seen"; wrong "the session to the former leader lives on"; }
}
ended() { ! kill -0 "$1" 2>/dev/null; }

command_line_says() {
	local node status
	for node in "${NODES[@]}"; do
		status=0
		node_exec "$node" cmonhachk >"$LAB_RUN/said" || status=$?
		[ "$status" = "$([ "$node" = "$(leader)" ] && echo 0 || echo 1)" ] || wrong "$node: exit status $status: $(cat "$LAB_RUN/said")"
	done
}

for node in "${NODES[@]}"; do t_run "$node leads: the VIP shows it, its check says 200, the others' 503" shown_when_leading "$node"; done
t_run "the leader moves: the VIP follows, open sessions are cut" leader_moves
t_run "cmonhachk on the command line: 0 for the leader, 1 for followers" command_line_says
