# shellcheck shell=bash
# `status --cluster --watch` on a terminal of a node, while the node that leads and has the VIP is powered off.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

failover_is_shown() {
	local lost failed=no
	wait_until 5 one_holder
	lost=$(holder)
	make_leader "$lost"
	page "$lost"
	"$LAB_DIR/record-watch" "$(other "$lost")" "$lost" "$LAB" power-off "$lost" >"$LAB_RUN/screens" 2>&1 || failed=yes
	cat "$LAB_RUN/screens"
	node_on "$lost" || "$LAB" boot "$lost"
	[ "$failed" = no ] || wrong "the failover was not shown"
	wait_until 15 node_exec "$lost" cmonha-ui status || wrong "$lost is not well after its boot"
}

t_run "status --cluster --watch shows a failover" failover_is_shown
