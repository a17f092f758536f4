# shellcheck shell=bash
# A real Prometheus in the client's network, with what conf/monitoring and `cmonha-ui targets` give it, but quicker: it scrapes
# and evaluates each second (shipped: 5), and the `for` and the windows of the rules are those of shortened(). Each alert fires
# when its fault is made, and clears after it. What the table shows of the shipped rules is `for`; a second is the resolution.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

SHIPPED=$LAB_DIR/../../conf/monitoring
PROMETHEUS=$LAB_RUN/prometheus
PROMETHEUS_URL=http://127.0.0.1:9090
FIRES=60 CLEARS=60 # seconds, at most

# The nodes let the client ask, by `allow`.
allow_the_client() {
	local node
	cluster_file >"$LAB_RUN/monitored.conf"
	printf '\n[check]\nallow = 10.0.0.10\n' >>"$LAB_RUN/monitored.conf"
	for node in "${NODES[@]}"; do
		"$LAB" copy "$LAB_RUN/monitored.conf" "$node:/etc/cmonha-ui/cluster.conf"
		node_exec "$node" cmonha-ui apply
	done
	page_of_leader
	[ "$(node_exec client curl -s -m 3 -o /dev/null -w '%{http_code}' http://10.0.0.103:9201/metrics)" = 200 ] || wrong "cc3 refuses the client"
}

shortened() {
	sed -e 's/^    interval: 5s/    interval: 1s/' -e 's/\[5m\]/[15s]/' \
		-e 's/for: 10s/for: 2s/; s/for: 15s/for: 3s/; s/for: 1m/for: 4s/; s/for: 10m/for: 5s/; s/for: 30m/for: 5s/; s/for: 1h/for: 6s/' \
		"$SHIPPED/rules.yml"
}

make_targets() { node_exec cc1 cmonha-ui targets >"$PROMETHEUS/cmonha-ui/lab.json"; }

# Of the shell's own background: the lab ends what is in the client's network when it is taken down.
start_prometheus() {
	mkdir -p "$PROMETHEUS/cmonha-ui"
	sed -e 's/scrape_interval: 5s/scrape_interval: 1s/; s/scrape_timeout: 3s/scrape_timeout: 900ms/' \
		"$SHIPPED/prometheus.yml" >"$PROMETHEUS/prometheus.yml"
	shortened >"$PROMETHEUS/cmonha-ui/rules.yml"
	make_targets
	promtool check config "$PROMETHEUS/prometheus.yml" || wrong "promtool refuses its configuration"
	nsenter --net="/run/netns/${LAB_NS}client" -- setsid prometheus --config.file="$PROMETHEUS/prometheus.yml" --storage.tsdb.path="$PROMETHEUS/data" \
		--web.listen-address=127.0.0.1:9090 >"$PROMETHEUS/log" 2>&1 </dev/null &
	echo $! >"$PROMETHEUS/pid"
	wait_until 30 scrapes_all || wrong "it does not scrape three nodes: $(tail -n 5 "$PROMETHEUS/log")"
	wait_until 30 nothing_fires || wrong "though all is well: $(alerts)"
}

api() { node_exec client curl -s -m 3 -G "$PROMETHEUS_URL/api/v1/$1" "${@:2}"; }
scrapes_all() { [ "$(api query --data-urlencode 'query=sum(up{job="cmonha-ui"})' | jq -r '.data.result[0].value[1]')" = 3 ]; }
# The names of those that fire now.
alerts() { api alerts | jq -r '.data.alerts[] | select(.state == "firing") | .labels.alertname' | sort -u; }
fires() { alerts | grep -qx "$1"; }
is_quiet() { api alerts | jq -e --arg name "$1" '[.data.alerts[] | select(.labels.alertname == $name)] == []'; }
# That the virtual IP has moved is remembered for a while, and is no fault.
nothing_fires() { api alerts | jq -e '[.data.alerts[] | select(.labels.alertname != "CmonhaVipMoved")] == []'; }

# lasts ALERT RULES: how long its expression must be true.
lasts() { awk -v name="$1" '$2 == "alert:" { found = $3 == name } found && $1 == "for:" { time = $2 } END { print time ? time : "-" }' "$2"; }

seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 / 100 % 10)); }

# alert NAME FAULT: the functions FAULT_begin and FAULT_end make the fault and end it.
alert() {
	local begin fired ended cleared
	wait_until "$CLEARS" nothing_fires || wrong "before the fault: $(alerts | xargs)"
	wait_until "$CLEARS" is_quiet "$1" || wrong "it fires already"
	begin=$(now_ms)
	"$2_begin" >"$LAB_RUN/begin" 2>&1 || wrong "the fault cannot be made: $(cat "$LAB_RUN/begin")"
	wait_until "$FIRES" fires "$1" || { "$2_end"; wrong "it does not fire; others: $(alerts | xargs)"; }
	fired=$(now_ms)
	"$2_end" >"$LAB_RUN/end" 2>&1 || wrong "the fault cannot be ended: $(cat "$LAB_RUN/end")"
	ended=$(now_ms)
	wait_until "$CLEARS" is_quiet "$1" || wrong "it does not clear"
	cleared=$(now_ms)
	printf '%-24s %6s %6s %8s %8s\n' "$1" "$(lasts "$1" "$SHIPPED/rules.yml")" "$(lasts "$1" "$PROMETHEUS/cmonha-ui/rules.yml")" \
		"$(seconds $((fired - begin)))" "$(seconds $((cleared - ended)))" >>"$LAB_RUN/alerts.table"
	page_of_leader 30 || wrong "the VIP does not show the leader afterwards"
}

# The leader's controller hangs.
no_leader_begin() { leader >"$LAB_RUN/hanging"; sim "$(cat "$LAB_RUN/hanging")" fault hang; }
no_leader_end() { sim "$(cat "$LAB_RUN/hanging")" fault none; }

two_leaders_begin() { other "$(leader)" >"$LAB_RUN/second"; sim "$(cat "$LAB_RUN/second")" fault claim-leader; }
two_leaders_end() { sim "$(cat "$LAB_RUN/second")" fault none; }

on_all() { local node; for node in "${NODES[@]}"; do node_exec "$node" "$@"; done; }
no_keepalived_begin() { on_all systemctl stop cmonha-ui-keepalived.service; }
no_keepalived_end() { on_all systemctl start cmonha-ui-keepalived.service; }

# The nodes do not hear each other, but the client hears all.
partition_begin() { "$LAB" partition "$(holder)|$(printf '%s\n' "${NODES[@]}" | grep -vx "$(holder)" | xargs)"; }
partition_end() { "$LAB" heal; }

move_begin() { holder >"$LAB_RUN/before-move"; node_exec "$(holder)" systemctl stop cmonha-ui-keepalived.service; }
move_end() { node_exec "$(cat "$LAB_RUN/before-move")" systemctl start cmonha-ui-keepalived.service; }

silent_begin() { "$LAB" cut cc3 silent; }
silent_end() { "$LAB" heal; }

# haproxy_do NODE COMMAND: over the socket of an operator.
haproxy_do() {
	node_exec "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(3)
s.connect("/run/cmonha-ui/haproxy.sock")
s.sendall(sys.argv[1].encode() + b"\n")
sys.stdout.write(s.makefile().read())' "$2"
}
BACKEND=cmonha_ui_81_servers

# HAProxy of cc3 believes that a follower is the leader: it checks the leader in its place.
elsewhere_begin() {
	other "$(leader)" >"$LAB_RUN/elsewhere"
	check_of_cc3 "$(leader)"
}
elsewhere_end() { check_of_cc3 "$(cat "$LAB_RUN/elsewhere")"; }
check_of_cc3() { haproxy_do cc3 "set server $BACKEND/$(cat "$LAB_RUN/elsewhere") check-addr $(node_address "$1")"; }

# It ends with a reload, as cmonhachk(8) says.
drained_begin() { haproxy_do cc3 "set server $BACKEND/$(other "$(leader)") state maint"; }
drained_end() { node_exec cc3 systemctl reload cmonha-ui-haproxy.service; }

files_differ_begin() { edited_begin && node_exec cc3 cmonha-ui apply; }
files_differ_end() { edited_end && node_exec cc3 cmonha-ui apply; }
edited_begin() { node_exec cc3 sh -c 'echo "# edited" >>/etc/cmonha-ui/cluster.conf'; }
edited_end() { node_exec cc3 sed -i '$d' /etc/cmonha-ui/cluster.conf; }

# changed_program FROM TO FILE: as an upgrade does, a new file in place of the old one; the same with another version in it.
changed_program() {
	# shellcheck disable=SC2016 # for the inner shell
	node_exec cc3 sh -c 'sed "s/$1/$2/g" "$3" >"$3.new" && ! cmp -s "$3" "$3.new" && chmod 755 "$3.new" && mv "$3.new" "$3"' change "$@"
}
versions_begin() { changed_program '0\.2\.0' 0.2.9 /usr/sbin/cmonhachk; }
versions_end() { changed_program '0\.2\.9' 0.2.0 /usr/sbin/cmonhachk; }

# Another HAProxy is installed, and runs after a reload. /status has both versions.
haproxy_version() { node_exec cc3 haproxy -v | sed -n '1s/.*version \([^ ]*\).*/\1/p'; }
versions_are() {
	[ "$(node_exec cc3 curl -s -m 3 http://127.0.0.1:9201/status |
		jq -r '.units["cmonha-ui-haproxy.service"] | [.version, .installed] | join(" ")')" = "$1 $2" ]
}
outdated_begin() {
	local version
	version=$(haproxy_version)
	wait_until 5 versions_are "$version" "$version" && changed_program "$version" "${version%?}~" /usr/sbin/haproxy &&
		wait_until 5 versions_are "$version" "${version%?}~"
}
outdated_end() {
	node_exec cc3 systemctl reload cmonha-ui-haproxy.service && wait_until 5 versions_are "$(haproxy_version)" "$(haproxy_version)"
}

unit_begin() { node_exec cc3 systemctl stop cmonha-ui-watch.service; }
unit_end() { node_exec cc3 systemctl start cmonha-ui-watch.service; }

no_targets_begin() { rm "$PROMETHEUS/cmonha-ui/lab.json"; }
no_targets_end() { make_targets; }

every_alert_was_made() {
	sed -n 's/ *- alert: //p' "$SHIPPED/rules.yml" | sort >"$LAB_RUN/shipped"
	awk '{ print $1 }' "$LAB_RUN/alerts.table" | sort | diff "$LAB_RUN/shipped" - || wrong "these alerts were not tested"
}

stop_prometheus() {
	local pid
	pid=$(cat "$PROMETHEUS/pid")
	kill "$pid"
	wait_until 30 is_gone "$pid" || wrong "it does not exit"
}
is_gone() { ! kill -0 "$1"; }

: >"$LAB_RUN/alerts.table"
t_run "the nodes allow the client to ask" allow_the_client
t_run "Prometheus scrapes the three nodes of the cluster file, and no alert fires" start_prometheus
t_run "CmonhaNoLeader: the leader's controller hangs" alert CmonhaNoLeader no_leader
t_run "CmonhaTwoLeaders: a second controller says that it is the leader" alert CmonhaTwoLeaders two_leaders
t_run "CmonhaVipMissing: keepalived is stopped on every node" alert CmonhaVipMissing no_keepalived
t_run "CmonhaVipTwice: the active node and the others do not hear each other" alert CmonhaVipTwice partition
t_run "CmonhaVipMoved: keepalived of the active node is stopped" alert CmonhaVipMoved move
t_run "CmonhaUsersElsewhere: HAProxy of cc3 checks the leader in place of a follower" alert CmonhaUsersElsewhere elsewhere
t_run "CmonhaNodeSilent: frames to and from cc3 are lost" alert CmonhaNodeSilent silent
t_run "CmonhaNotScraped: the file of targets is gone" alert CmonhaNotScraped no_targets
t_run "CmonhaClusterFilesDiffer: another cluster file is applied on cc3" alert CmonhaClusterFilesDiffer files_differ
t_run "CmonhaNotApplied: an edit on cc3" alert CmonhaNotApplied edited
t_run "CmonhaVersionsDiffer: another version of the check on cc3" alert CmonhaVersionsDiffer versions
t_run "CmonhaServerDrained: a server is disabled in HAProxy of cc3, until a reload" alert CmonhaServerDrained drained
t_run "CmonhaReloadNeeded: another version of HAProxy is installed on cc3, until a reload" alert CmonhaReloadNeeded outdated
t_run "CmonhaProblem: the watcher of cc3 is stopped" alert CmonhaProblem unit
t_run "every alert of rules.yml was made to fire" every_alert_was_made
t_run "Prometheus exits" stop_prometheus
printf '%-24s %6s %6s %8s %8s\n' ALERT FOR "in lab" "fired, s" "cleared"
cat "$LAB_RUN/alerts.table"
