# shellcheck shell=bash
# The pages for people, as users and administrators get them: through HAProxy at the VIP.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

# The passwords are the active node's own.
stats_password() { node_exec "$(holder)" sed -n 's/^stats[[:space:]]*//p' /etc/cmonha-ui/stats.passwords; }
administrator_gets() { node_exec client curl -s -m 5 -u "stats:$(stats_password)" "http://$LAB_VIP:9600$1"; }
administrator_sees() { administrator_gets "$1" | grep -qF "$2"; }
user_gets() { node_exec client curl -s -m 5 -w '\n%{http_code}\n' "http://$LAB_VIP:81/"; }
user_sees() { user_gets | grep -qF "$1"; }

page_shows_the_cluster() {
	local code node
	make_leader cc2
	code=$(node_exec client curl -s -m 5 -o /dev/null -w '%{http_code}' "http://$LAB_VIP:9600/")
	[ "$code" = 401 ] || wrong "without a password: $code"
	wait_until 10 administrator_sees / '<h1 class="good">cc2 is the leader</h1>' || wrong "the page: $(administrator_gets /)"
	administrator_gets / >"$LAB_RUN/page"
	grep -qF "<dt>Virtual IP $LAB_VIP is on</dt><dd>$(holder)</dd>" "$LAB_RUN/page" || wrong "where the VIP is: $(cat "$LAB_RUN/page")"
	for node in "${NODES[@]}"; do grep -qF ">$node<small>$(node_address "$node")</small>" "$LAB_RUN/page" || wrong "$node is missing"; done
	[ "$(grep -c 'class="role">follower<' "$LAB_RUN/page")" = 2 ] || wrong "two followers: $(cat "$LAB_RUN/page")"
	grep -q 'http-equiv="refresh"' "$LAB_RUN/page" || wrong "the page does not reload"
	administrator_sees /still 'cc2 is the leader</h1>' || wrong "/still"
	! administrator_sees /still http-equiv || wrong "/still reloads"
}

statistics_are_beside_it() {
	administrator_sees /haproxy 'Statistics Report' || wrong "/haproxy: $(administrator_gets /haproxy)"
	administrator_sees '/haproxy;csv' '# pxname,svname' || wrong "/haproxy;csv"
	administrator_sees '/;csv' '# pxname,svname' || wrong "/;csv: $(administrator_gets '/;csv')"
}

# It is for HAProxy and for those who may query the check.
stranger_gets_no_page() {
	local path code
	for path in /overview /overview/still /no-leader; do
		code=$(node_exec client curl -s -m 3 -o /dev/null -w '%{http_code}' "http://10.0.0.101:9201$path")
		[ "$code" = 403 ] || wrong "$path: $code"
	done
}

# The same pages, but made of what this node alone has in store, when its check does not answer.
two_claim_to_lead() {
	local node second unit
	node=$(leader)
	second=$(other "$node")
	unit=$(check_unit "$(holder)")
	sim "$second" fault claim-leader >/dev/null
	wait_until 10 user_sees 'Two controllers claim to lead.' || wrong "users see: $(user_gets)"
	user_gets | tail -n 1 | grep -qx 503 || wrong "the status is not 503"
	user_gets >"$LAB_RUN/page"
	grep -q '10\.0\.0\.' "$LAB_RUN/page" && wrong "the public page has addresses"
	wait_until 10 administrator_sees / "2 controllers claim to lead: " || wrong "the page: $(administrator_gets /)"
	node_exec "$(holder)" systemctl stop "$unit"
	wait_until 10 user_sees 'The controllers may be electing a new leader' || wrong "without a check users see: $(user_gets)"
	wait_until 10 administrator_sees / 'cmonhachk does not answer on this node' || wrong "without a check: $(administrator_gets /)"
	administrator_sees /haproxy 'Statistics Report' || wrong "/haproxy needs the check"
	node_exec "$(holder)" systemctl start "$unit"
	wait_until 10 user_sees 'Two controllers claim to lead.' || wrong "with it users see: $(user_gets)"
	sim "$second" fault none >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

ui_of_leader_is_down() {
	local node
	node=$(leader)
	sim "$node" ui down >/dev/null
	wait_until 10 user_sees "The leader's web interface does not respond." || { sim "$node" ui up >/dev/null; wrong "users see: $(user_gets)"; }
	sim "$node" ui up >/dev/null
	page "$node" || wrong "the leader's page does not come back"
}

t_run "port 9600 shows the cluster, with a password" page_shows_the_cluster
t_run "HAProxy's statistics are at /haproxy, and as CSV where they were" statistics_are_beside_it
t_run "a stranger gets no page from the check itself" stranger_gets_no_page
t_run "two leaders: the pages say so; without the check they are the plain ones" two_claim_to_lead
t_run "the leader's UI is down: the page says so" ui_of_leader_is_down
