# shellcheck shell=bash
# What dies, and what the user sees of it. How long it takes is for `make bench`; here it must happen at all.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

haproxy_killed() {
	local from
	wait_until 5 one_holder
	from=$(holder)
	kill_unit "$from" cmonha-ui-haproxy.service KILL
	page_of_leader 5 || wrong "the VIP does not answer"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	wait_until 5 node_exec "$from" systemctl is-active --quiet cmonha-ui-haproxy.service || wrong "HAProxy is not started again"
}

haproxy_hangs() {
	local from pids
	from=$(holder)
	pids=$(unit_pids "$from" cmonha-ui-haproxy.service)
	# shellcheck disable=SC2086 # a list
	node_exec "$from" kill -STOP $pids
	wait_until 5 holder_is_not "$from" || wrong "the VIP stays"
	page_of_leader 5 || wrong "the VIP does not answer"
	# shellcheck disable=SC2086
	node_exec "$from" kill -CONT $pids
	stays_away "$from"
}

# A node that is back does not take the VIP: watched for two seconds, in which every VRRP timer has run several times.
stays_away() {
	! wait_until 2 vip_is_on "$1" || wrong "the VIP went back to $1"
	one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}
vip_is_on() { vip_holders | grep -qx "$1"; }

keepalived_killed() {
	local from
	from=$(holder)
	kill_unit "$from" cmonha-ui-keepalived.service KILL
	wait_until 5 holder_is_not "$from" || wrong "the VIP is on: $(vip_holders | xargs)"
	page_of_leader 5 || wrong "the VIP does not answer"
}

holder_cut_off() {
	local from
	from=$(holder)
	"$LAB" cut "$from" >/dev/null
	page_of_leader 20 || { "$LAB" heal >/dev/null; wrong "the VIP does not answer"; }
	"$LAB" heal >/dev/null
	wait_until 3 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	stays_away "$from"
}

# The cut-off node keeps the VIP too, and the client learns of the other one: after the heal it must find back.
holder_cut_off_silently() {
	local from
	from=$(holder)
	"$LAB" cut "$from" silent >/dev/null
	page_of_leader 20 || { "$LAB" heal >/dev/null; wrong "the VIP does not answer"; }
	"$LAB" heal >/dev/null
	wait_until 3 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	page_of_leader 3 || wrong "the client does not find back"
}

holder_powered_off() {
	local from
	from=$(holder)
	"$LAB" power-off "$from" >/dev/null
	page_of_leader 20 || wrong "the VIP does not answer"
	"$LAB" boot "$from"
	wait_until 15 node_exec "$from" cmonha-ui status || wrong "$from is not well after its boot"
	stays_away "$from"
}

leader_powered_off() {
	local from
	from=$(leader)
	"$LAB" power-off "$from" >/dev/null
	page_of_leader 20 || wrong "no new leader is shown"
	"$LAB" boot "$from"
	wait_until 15 node_exec "$from" cmonha-ui status || wrong "$from is not well after its boot"
	page_of_leader
}

t_run "HAProxy killed on the VIP holder" haproxy_killed
t_run "HAProxy hangs on the VIP holder: the VIP moves and stays" haproxy_hangs
t_run "keepalived killed on the VIP holder: one holder" keepalived_killed
t_run "the VIP holder is cut off: the VIP moves, and stays after the heal" holder_cut_off
t_run "the VIP holder is cut off with its link up: the client finds back after the heal" holder_cut_off_silently
t_run "the VIP holder is powered off and boots" holder_powered_off
t_run "the leader's node is powered off and boots" leader_powered_off
