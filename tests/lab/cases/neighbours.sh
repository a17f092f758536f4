# shellcheck shell=bash
# HAProxy among clients, pages and programs that mean harm: the limits of the cluster file's [ui], as they act.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

HOSTILE=10.0.0.66 # a second address of the client's
LIMIT=100         # connections of one client
PATIENCE=3        # seconds for a request's header or a TLS hello

# apply_ui NODE LINE...: these lines in [ui] of that node's cluster file alone.
apply_ui() {
	local node=$1
	{
		cluster_file | sed '/^\[ui\]/,$d'
		printf '[ui]\n'
		printf '%s\n' "${@:2}"
		cluster_file | sed -n '/^forward/,$p' | sed 1d
	} >"$LAB_RUN/hostile.conf"
	"$LAB" copy "$LAB_RUN/hostile.conf" "$node:/etc/cmonha-ui/cluster.conf"
	node_exec "$node" cmonha-ui apply || wrong "apply fails"
}

# The active node gets small limits and a forward to a web server that speaks TLS, which the leader has. One node is both.
prepare() {
	local node
	wait_until 5 one_holder
	node=$(holder)
	make_leader "$node"
	node_exec "$node" systemd-run --quiet --unit=tls-page /opt/cmon-sim/tls-page /run/cmon-sim/cert.pem /run/cmon-sim/key.pem 443
	wait_until 5 node_exec "$node" curl -sk -m 2 -o /dev/null "https://$(node_address "$node")/" || wrong "no web server speaks TLS"
	apply_ui "$node" 'forward = 81:80, 82:443/tcp' "client_connections = $LIMIT" "request_timeout = ${PATIENCE}s" \
		'stats_admin = yes' 'stats_bind = node'
	ip -n "${LAB_NS}client" address add "$HOSTILE/24" dev eth1
	wait_until 10 user_is_served "https://$LAB_VIP:82/" || wrong "the forward to TLS does not serve"
}

user_is_served() { [ "$(node_exec client curl -sk -m 2 -o /dev/null -w '%{http_code}' "$1")" = 200 ]; }

# users_wait URL: the time of the page that half of 15 users get sooner, in ms. Every one of them gets it.
users_wait() {
	local i
	for ((i = 0; i < 15; i++)); do
		node_exec client curl -sk -m 5 -o /dev/null -w '%{http_code} %{time_total}\n' "$1" || true
	done >"$LAB_RUN/users"
	! grep -v '^200 ' "$LAB_RUN/users" >&2 || return 1
	sort -n -k 2 "$LAB_RUN/users" | sed -n 8p | awk '{ print int($2 * 1000) }'
}

# held_off URL HOW...: a hostile client for each HOW opens four times as many connections as it may have, all from one address.
# It keeps no more than it may, and users at another address get their page meanwhile.
held_off() {
	local url=$1 port=${1##*:} how=$2 attack took
	port=${port%/}
	nsenter --net="/run/netns/${LAB_NS}client" -- "$LAB_DIR/hostile-client" "$HOSTILE" "$LAB_VIP" "$port" $((4 * LIMIT)) "$how" >"$LAB_RUN/held" &
	attack=$!
	wait_until 20 holds_at_most "$LIMIT" || wrong "$how: of $((4 * LIMIT)) connections: $(tail -n 1 "$LAB_RUN/held")"
	took=$(users_wait "$url") || wrong "$how: a user beside it gets no page"
	[ "$took" -le 500 ] || wrong "$how: half of the users beside it wait longer than $took ms"
	grep -q "^$LIMIT held" "$LAB_RUN/held" || wrong "$how: one client may not have $LIMIT connections: $(cat "$LAB_RUN/held")"
	case $how in
	silent|slow)
		wait_until 20 holds_at_most 0 || wrong "$how: they stay open: $(tail -n 1 "$LAB_RUN/held")"
		wait "$attack"
		took=$(awk '$1 == 0 { print int($3 + 0.5) }' "$LAB_RUN/held")
		[ "$took" -ge $((PATIENCE - 1)) ] || wrong "$how: they are closed after $took s already"
		;;
	*)
		kill "$attack"
		wait "$attack" || true
		;;
	esac
}
holds_at_most() { [ "$(tail -n 1 "$LAB_RUN/held" | cut -d ' ' -f 1)" -le "$1" ]; }

# The servers of HAProxy's page as its user admin sees them: NODE's state.
stats_page() { node_exec client curl -s -m 3 -u "admin:$(admin_password "$1")" "${@:3}" "http://$(node_address "$1"):9600$2"; }
admin_password() { node_exec "$1" sed -n 's/^admin //p' /etc/cmonha-ui/stats.passwords; }
server_is() { stats_page "$1" '/haproxy;csv' | grep -q "^cmonha_ui_81_servers,$2,.*,$3,"; }

# disable NODE SERVER ORIGIN: the status of the form that HAProxy's page sends, as a browser sends it from a page of ORIGIN.
disable() {
	stats_page "$1" /haproxy -o /dev/null -w '%{http_code}' -H "Origin: $3" \
		--data "s=$2&action=maint&b=cmonha_ui_81_servers"
}

other_pages_are_refused() {
	local node server got
	node=$(holder)
	server=$(other "$(leader)")
	got=$(disable "$node" "$server" http://evil.example)
	[ "$got" = 403 ] || wrong "from another server's page: $got"
	got=$(disable "$node" "$server" "http://$(node_address "$node"):9600.evil.example")
	[ "$got" = 403 ] || wrong "from a page of a similar name: $got"
	got=$(disable "$node" "$server" null)
	[ "$got" = 403 ] || wrong "from a page without a server: $got"
	! server_is "$node" "$server" MAINT || wrong "$server is disabled all the same"
	got=$(disable "$node" "$server" "http://$(node_address "$node"):9600")
	[ "$got" = 303 ] || wrong "from its own page: $got"
	wait_until 5 server_is "$node" "$server" MAINT || wrong "$server is not disabled"
}

page_is_read_only() {
	local node got
	node=$(other "$(holder)")
	got=$(disable "$node" "$(leader)" "http://$(node_address "$node"):9600")
	[ "$got" = 403 ] || wrong "a server can be disabled: $got"
	[ "$(stats_page "$node" /haproxy -o /dev/null -w '%{http_code}')" = 200 ] || wrong "the page cannot be viewed"
}

page_is_bound() {
	local node
	node=$(holder)
	stats_page "$node" /haproxy -o /dev/null || wrong "stats_bind = node: not at the node's address"
	! node_exec client curl -s -m 3 -o /dev/null "http://$LAB_VIP:9600/haproxy" || wrong "stats_bind = node: at the VIP"
	apply_ui "$node" 'forward = 81:80' 'stats_bind = localhost'
	! stats_page "$node" /haproxy -o /dev/null || wrong "stats_bind = localhost: at the node's address"
	[ "$(node_exec "$node" curl -s -m 3 -o /dev/null -w '%{http_code}' http://127.0.0.1:9600/haproxy)" = 401 ] ||
		wrong "stats_bind = localhost: not at 127.0.0.1"
}

# What is as the install left it again.
restore() {
	local node
	node=$(holder)
	ip -n "${LAB_NS}client" address del "$HOSTILE/24" dev eth1
	node_exec "$node" systemctl stop tls-page.service
	"$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"
	node_exec "$node" cmonha-ui apply
	wait_until 10 node_exec "$node" cmonha-ui status || wrong "$(node_exec "$node" cmonha-ui status)"
}

# With another address first on its interface a node uses its own for its checks, which only let that one in.
second_address() {
	local node
	make_leader "$(holder)"
	node=$(other "$(holder)")
	ip -n "$LAB_NS$node" -4 address flush dev eth1
	ip -n "$LAB_NS$node" address add 10.0.0.99/24 dev eth1
	ip -n "$LAB_NS$node" address add "$(node_address "$node")/24" dev eth1
	[ "$(node_exec "$node" curl -s -m 3 -o /dev/null -w '%{http_code}' "http://$(node_address "$(holder)"):9201/leader")" = 403 ] ||
		wrong "the other address is not first, or is let in: this shows nothing"
	wait_until 15 user_is_served "http://$(node_address "$node"):81/" || wrong "its HAProxy sees no leader"
	ip -n "$LAB_NS$node" address del 10.0.0.99/24 dev eth1
	ip -n "$LAB_NS$node" address replace "$(node_address "$node")/24" dev eth1
	wait_until 15 node_exec "$node" cmonha-ui status || wrong "$(node_exec "$node" cmonha-ui status)"
}

# As the recipe's would, when its haproxy.service comes back after a reboot: half of the users would be its.
second_haproxy() {
	local node
	node=$(holder)
	node_exec "$node" sh -c 'printf "defaults\n\ttimeout connect 1s\n\ttimeout client 1s\n\ttimeout server 1s\nlisten recipe\n\tbind *:81\n" >/run/recipe.cfg'
	node_exec "$node" systemd-run --quiet --unit=recipe haproxy -db -f /run/recipe.cfg
	wait_until 10 has_problem "$node" port || wrong "/status of $node does not say so: $(node_exec "$node" ss -Htlnp)"
	node_exec "$node" cmonha-ui status 2>&1 | grep -q '^problem: another service listens on port 81' ||
		wrong "status does not say so: $(node_exec "$node" cmonha-ui status 2>&1)"
	node_exec "$node" systemctl stop recipe.service
	node_exec "$node" rm /run/recipe.cfg
	wait_until 10 has_none "$node" port || wrong "/status of $node still says so"
}
# has_problem NODE KIND: in its /status; has_none: not.
has_problem() { node_exec "$1" curl -s -m 3 http://127.0.0.1:9201/status | jq -e --arg kind "$2" '.problems[] | select(.kind == $kind)'; }
has_none() { ! has_problem "$@"; }

# pinned FILE PINS: writes the cluster file with these lines of `cmonha-ui pins` in the sections of its nodes.
pinned() { awk 'NR == FNR { if (/^\[/) node = $0; else pin[node] = $0; next } { print } $0 in pin { print pin[$0] }' "$2" "$LAB_RUN/cluster.conf" >"$1"; }

# Controllers with pins; then one of them comes back with another key, as one in its place would have.
pins() {
	local node leader other
	leader=$(leader)
	other=$(other "$leader")
	node_exec "$leader" cmonha-ui pins >"$LAB_RUN/pins" || wrong "no pins of all controllers"
	[ "$(grep -c '^pin = sha256//' "$LAB_RUN/pins")" = 3 ] || wrong "$(cat "$LAB_RUN/pins")"
	for node in "${NODES[@]}"; do
		[ "$(node_exec "$node" cmonha-ui pins)" = "$(cat "$LAB_RUN/pins")" ] || wrong "$node sees other keys"
	done
	pinned "$LAB_RUN/pinned.conf" "$LAB_RUN/pins"
	apply_everywhere "$LAB_RUN/pinned.conf"
	for node in "${NODES[@]}"; do wait_until 10 node_exec "$node" cmonha-ui status || wrong "$(node_exec "$node" cmonha-ui status)"; done
	page_of_leader 5 || wrong "the VIP does not show the leader"

	node_exec "$other" sh -c 'cd /run/cmon-sim && mkdir kept && mv cert.pem key.pem kept'
	node_exec "$other" systemctl restart cmon.service
	make_leader "$leader"
	wait_until 10 has_problem "$leader" wrong-pin || wrong "the leader believes $other: $(node_exec "$leader" cmonhachk --json)"
	node_exec "$leader" curl -s http://127.0.0.1:9201/status |
		jq -e --arg name "$other" '.peers[] | select(.name == $name) | .last_reason == "wrong-pin" and (.reachable | not)' || wrong "$other is counted"
	node_exec "$leader" cmonha-ui status | grep -q "^problem: the controller of $other has another key than its pin" ||
		wrong "status does not report it: $(node_exec "$leader" cmonha-ui status)"
	node_exec "$other" cmonha-ui status 2>&1 | grep -q "^problem: .*\[node $other\] pin: this node's controller has another key" ||
		wrong "status of $other does not report it: $(node_exec "$other" cmonha-ui status 2>&1)"
	! node_exec "$leader" cmonha-ui pins >"$LAB_RUN/pins" 2>&1 || wrong "pins does not report it"
	page_of_leader 5 || wrong "the leader and one more are a majority"

	node_exec "$other" sh -c 'cd /run/cmon-sim && mv kept/* . && rmdir kept'
	node_exec "$other" systemctl restart cmon.service
	wait_until 15 page_of_leader 5 || wrong "the VIP does not show the leader again"
	wait_until 10 has_none "$(leader)" wrong-pin || wrong "the leader does not believe $other again"
	apply_everywhere "$LAB_RUN/cluster.conf"
}

# An account without rights takes the check's port while xinetd is stopped; its program calls itself one of ours.
foreign_check() {
	local node
	node=$(other "$(holder)")
	node_exec "$node" systemctl stop xinetd.service
	node_exec "$node" sh -c 'printf "defaults\n\ttimeout connect 1s\n\ttimeout client 1s\n\ttimeout server 1s\nlisten fake\n\tbind *:9201\n" >/run/fake.cfg'
	node_exec "$node" systemd-run --quiet --uid=nobody --unit=fake haproxy -db -f /run/fake.cfg
	wait_until 10 status_says "$node" '^problem: .*port 9201 is in use by haproxy (process [0-9]*, user nobody): stop it' ||
		wrong "status does not say so: $(node_exec "$node" cmonha-ui status 2>&1)"
	node_exec "$node" systemctl stop fake.service
	node_exec "$node" rm /run/fake.cfg
	node_exec "$node" systemctl start xinetd.service
	wait_until 15 node_exec "$node" cmonha-ui status || wrong "$(node_exec "$node" cmonha-ui status 2>&1)"
}
status_says() { node_exec "$1" cmonha-ui status 2>&1 | grep -q "$2"; }

t_run "small limits, and a forward to TLS, on the active node" prepare
t_run "400 silent connections from one address: no more than it may have, closed in time, users are served" held_off "http://$LAB_VIP:81/" silent
t_run "the same with headers that do not end" held_off "http://$LAB_VIP:81/" slow
t_run "the same with requests" held_off "http://$LAB_VIP:81/" page
t_run "the same, silent, to TLS" held_off "https://$LAB_VIP:82/" silent
t_run "the same, with headers that do not end, to TLS" held_off "https://$LAB_VIP:82/" slow
t_run "the same with TLS hellos" held_off "https://$LAB_VIP:82/" hello
t_run "stats_admin = yes: the page disables a server, other servers' pages do not" other_pages_are_refused
t_run "stats_admin = no: nobody disables a server" page_is_read_only
t_run "stats_bind = node, and localhost" page_is_bound
t_run "the limits are as they were" restore
t_run "a node with another address first on its interface reaches the others' checks" second_address
t_run "another HAProxy on a port of this one's is reported" second_haproxy
t_run "controllers with pins: one with another key is not counted, and reported" pins
t_run "a program of another user on the port of the check is reported" foreign_check
