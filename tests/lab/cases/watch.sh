# shellcheck shell=bash
# `status --cluster --watch` on a terminal of a node, while the node that leads and has the VIP is powered off.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

failover_is_shown() {
	local lost
	wait_until 5 one_holder
	lost=$(holder)
	make_leader "$lost"
	page "$lost"
	"$LAB_DIR/record-watch" "$(other "$lost")" "$lost" "$LAB" power-off "$lost" >"$LAB_RUN/screens" 2>&1 || wrong "$(cat "$LAB_RUN/screens")"
	cat "$LAB_RUN/screens"
	"$LAB" boot "$lost"
	wait_until 15 node_exec "$lost" cmonha-ui status || wrong "$lost is not well after its boot"
}

t_run "status --cluster --watch shows a failover" failover_is_shown
