# shellcheck shell=bash
# HAProxy with more to do than there is time for is not one that hangs: nothing moves. One that hangs meanwhile is found.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

CLIENTS=4   # programs that query it, each on 20 new connections at a time
HOGS=4      # busy loops next to HAProxy, for each core
LOADED=20   # seconds
RELOADS=3   # with all those connections open
REFUSED=400 # what HAProxy itself answers to a header's name with a space in it: no server has to keep up

# Whatever the watcher and keepalived of NODE have logged since TIME, as for journalctl --since.
logged() { node_exec "$1" journalctl -q -o cat -u cmonha-ui-watch -u cmonha-ui-keepalived --since "$2"; }
moment() { node_exec "$1" date '+%F %T'; }

begin_load() {
	local i
	CLIENT_PIDS=()
	for ((i = 0; i < CLIENTS; i++)); do
		nsenter --net="/run/netns/${LAB_NS}client" -- curl -s -Z --parallel-max 20 -m 5 -H 'Connection: close' -H 'a b: c' \
			-o /dev/null -w '%{http_code}\n' "http://$LAB_VIP:81/?[1-10000000]" >"$LAB_RUN/busy.$i" 2>/dev/null &
		CLIENT_PIDS+=($!)
	done
	for ((i = 0; i < HOGS * $(nproc); i++)); do
		node_exec "$1" systemd-run --quiet --unit="hog-$i" sh -c 'while :; do :; done'
	done
}

end_load() {
	kill -TERM "${CLIENT_PIDS[@]}" 2>/dev/null || true
	wait "${CLIENT_PIDS[@]}" || true
	node_exec "$1" systemctl stop 'hog-*'
}

answered() { cat "$LAB_RUN"/busy.* | grep -cx "$REFUSED"; }

stays_under_load() {
	local node=$1 since until i
	since=$(moment "$node")
	until=$((SECONDS + LOADED))
	for ((i = 0; i < RELOADS; i++)); do node_exec "$node" systemctl reload cmonha-ui-haproxy.service; done
	while [ "$SECONDS" -lt "$until" ]; do
		[ "$(vip_holders)" = "$node" ] || wrong "the VIP left $node, and is on: $(vip_holders | xargs); $(logged "$node" "$since")"
		sleep 0.1
	done
	! logged "$node" "$since" | grep -E 'HAProxy does not answer|VRRP: (backup|fault)' || wrong "the watcher was mistaken"
}

hang_is_found() {
	local node=$1
	kill_unit "$node" cmonha-ui-haproxy.service STOP
	wait_until 10 holder_is_not "$node" || wrong "HAProxy hangs, and the VIP stays"
	kill_unit "$node" cmonha-ui-haproxy.service CONT
}

busy_is_not_hung() {
	local node result=0
	wait_until 5 one_holder
	node=$(holder)
	begin_load "$node"
	(stays_under_load "$node" && hang_is_found "$node") || result=1
	end_load "$node"
	[ "$result" = 0 ] || return 1
	[ "$(answered)" -gt 1000 ] || wrong "that was no load: $(answered) connections answered"
	printf '      %s connections answered, %s busy loops on %s cores\n' "$(answered)" $((HOGS * $(nproc))) "$(nproc)"
}

t_run "HAProxy under load, starved and reloaded, is not taken for hung; one that hangs then is" busy_is_not_hung
