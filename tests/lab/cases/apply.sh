# shellcheck shell=bash
# Changes on living nodes.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

generated() {
	# Nodes like Enterprise Linux have no xinetd.
	node_exec "$1" sh -c 'stat -c "%n %i %Y %Z" /etc/cmonha-ui/*.* $(find /etc/xinetd.d -name cmonhachk 2>/dev/null) /etc/services /var/lib/cmonha-ui/* | grep -v /lock'
	node_exec "$1" systemctl show -p MainPID,ExecMainStartTimestampMonotonic cmonha-ui-haproxy cmonha-ui-keepalived xinetd
}

apply_twice() {
	local before
	before=$(generated cc1)
	node_exec cc1 cmonha-ui apply
	diff <(printf '%s\n' "$before") <(generated cc1) || wrong "a second apply changed something"
	node_exec cc1 cmonha-ui diff || wrong "diff sees a difference"
}

# A template that HAProxy refuses: told, and nothing of what works is touched.
bad_template() {
	local before
	before=$(generated cc1)
	node_exec cc1 sh -c 'mkdir -p /etc/cmonha-ui/templates && { cat /usr/share/cmonha-ui/templates/haproxy.cfg; echo nonsense; } >/etc/cmonha-ui/templates/haproxy.cfg'
	! node_exec cc1 cmonha-ui apply 2>"$LAB_RUN/apply.err" || wrong "apply accepts it"
	grep -q 'nonsense' "$LAB_RUN/apply.err" || wrong "the message does not name the fault: $(cat "$LAB_RUN/apply.err")"
	node_exec cc1 sh -c 'echo "{{nonsense}}" >/etc/cmonha-ui/templates/haproxy.cfg'
	! node_exec cc1 cmonha-ui apply 2>"$LAB_RUN/apply.err" || wrong "apply accepts it"
	grep -q 'haproxy.cfg:1: unknown variable "nonsense"' "$LAB_RUN/apply.err" || wrong "no template:line: $(cat "$LAB_RUN/apply.err")"
	node_exec cc1 rm -r /etc/cmonha-ui/templates/haproxy.cfg
	diff <(printf '%s\n' "$before") <(generated cc1) || wrong "something changed"
	page_of_leader
}

bad_file() {
	node_exec cc1 sh -c 'echo "vipp = 1" >>/etc/cmonha-ui/cluster.conf'
	local status=0
	node_exec cc1 cmonha-ui apply 2>"$LAB_RUN/apply.err" || status=$?
	[ "$status" = 78 ] || wrong "exit status $status"
	grep -qE '^/etc/cmonha-ui/cluster.conf:[0-9]+: \[node cc3\] vipp: unknown key' "$LAB_RUN/apply.err" || wrong "$(cat "$LAB_RUN/apply.err")"
	node_exec cc1 systemctl restart "$(check_unit cc1)"
	wait_until 5 answers cc1 || wrong "the check does not work from what is in force"
	node_exec cc1 sed -i "\$d" /etc/cmonha-ui/cluster.conf
	node_exec cc1 cmonha-ui diff
}
answers() { case $(check_answer "$1") in 200|503) reason_is "$1" leader || reason_is "$1" follower ;; *) return 1 ;; esac; }

# A changed interval is taken in by reload: the session lives, and nobody meets a follower.
reload_keeps_sessions() {
	local node stream history
	node=$(holder)
	node_exec client curl -sN -m 60 "http://$LAB_VIP:81/stream" >"$LAB_RUN/stream" &
	stream=$!
	probe follow --all --seconds 6 >"$LAB_RUN/history" &
	history=$!
	wait_until 5 test -s "$LAB_RUN/stream"
	node_exec "$node" sh -c 'printf "\n[check]\ninterval = 300ms\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply'
	wait "$history"
	kill -0 "$stream" || wrong "the session was cut"
	kill "$stream"
	! grep -q 'role=follower' "$LAB_RUN/history" || wrong "a follower was shown"
	! grep -qv 'status=200' "$LAB_RUN/history" || wrong "not every try was answered: $(grep -v 'status=200' "$LAB_RUN/history" | head -n 3)"
	node_exec "$node" grep -q 'inter 300ms' /etc/cmonha-ui/haproxy.cfg || wrong "the interval is not in the file"
	"$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"
	node_exec "$node" cmonha-ui apply
}

# An old HAProxy process looks at nobody any more, yet a session that it has is cut like all others when the leader moves.
session_from_before_a_reload() {
	local node stream
	node=$(holder)
	node_exec client curl -sN -m 60 "http://$LAB_VIP:81/stream" >"$LAB_RUN/stream" &
	stream=$!
	wait_until 5 test -s "$LAB_RUN/stream"
	node_exec "$node" systemctl reload cmonha-ui-haproxy.service
	wait_until 5 old_haproxy "$node" || wrong "the session did not outlive the reload"
	make_leader "$(other "$(leader)")"
	wait_until 3 ended "$stream" || wrong "the session to the former leader is still open"
	wait_until 3 no_old_haproxy "$node" || wrong "the old process is still there"
	page_of_leader 5 || wrong "the VIP does not show the leader"
}
old_haproxy() { [ "$(unit_pids "$1" cmonha-ui-haproxy.service | wc -l)" -gt 2 ]; }
no_old_haproxy() { [ "$(unit_pids "$1" cmonha-ui-haproxy.service | wc -l)" = 2 ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }

# A browser opens connections before it needs them: one that the old HAProxy process has accepted is answered by it.
# On its standard input comes the word to ask.
# shellcheck disable=SC2016 # for the inner shell
ASK_LATER='exec 3<>"/dev/tcp/$0/81"; echo connected; read -r _; printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3'
connection_from_before_a_reload() {
	local node client
	node=$(holder)
	mkfifo "$LAB_RUN/ask"
	nsenter --net="/run/netns/${LAB_NS}client" -- timeout 20 bash -c "$ASK_LATER" "$LAB_VIP" <"$LAB_RUN/ask" >"$LAB_RUN/answer" &
	client=$!
	exec 9>"$LAB_RUN/ask"
	wait_until 5 grep -q connected "$LAB_RUN/answer" || wrong "the VIP cannot be reached"
	node_exec "$node" systemctl reload cmonha-ui-haproxy.service
	wait_until 5 old_haproxy "$node" || wrong "the connection did not outlive the reload"
	echo ask >&9
	exec 9>&-
	wait "$client" || wrong "no answer"
	grep -q '^HTTP/1.[01] 200' "$LAB_RUN/answer" || wrong "answered with $(sed -n 2p "$LAB_RUN/answer")"
}

# A HAProxy that starts knows nothing, and shows nobody before it does.
restart_shows_no_follower() {
	local node address history
	node=$(other "$(holder)")
	address=$(node_address "$node")
	probe follow --all --seconds 5 --url "http://$address:81/" >"$LAB_RUN/history" &
	history=$!
	wait_until 4 test -s "$LAB_RUN/history"
	node_exec "$node" systemctl restart cmonha-ui-haproxy.service
	wait "$history"
	! grep -q 'role=follower' "$LAB_RUN/history" || wrong "a follower was shown"
	grep -q 'role=leader' "$LAB_RUN/history" || wrong "the leader was never shown"
}

# A new port for the check: the old one closes, HAProxy asks at the new one, the line in /etc/services follows.
port_changes() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" sh -c 'printf "\n[check]\nport = 9301\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply' || wrong "$node: apply failed"
	done
	page_of_leader
	node_exec cc1 ss -Htln 'sport = :9201' | grep -q . && wrong "9201 is still open"
	node_exec cc1 grep -q '^cmonhachk 9301/tcp' /etc/services || wrong "/etc/services has not followed"
	apply_everywhere "$LAB_RUN/cluster.conf"
	page_of_leader
}

# What an apply leaves that loses its power between two files: the journal, and one file that is not whole.
power_lost_in_apply() {
	node_exec cc2 sh -euc 'cd /var/lib/cmonha-ui
		umask 077
		cp -p /etc/cmonha-ui/haproxy.cfg /run/good.cfg
		cp /run/good.cfg journal.old.0
		printf "cmonha-ui journal 1\nhad 600 0 0 /etc/cmonha-ui/haproxy.cfg\nnew /etc/systemd/system/cmonha-ui-check.service\n" >journal
		echo half-done >/etc/systemd/system/cmonha-ui-check.service
		head -n 9 /run/good.cfg >/etc/cmonha-ui/haproxy.cfg
		systemctl restart cmonha-ui-haproxy.service' || wrong "HAProxy does not start"
	node_exec cc2 sh -euc 'cmp /run/good.cfg /etc/cmonha-ui/haproxy.cfg && rm /run/good.cfg && test ! -e /etc/systemd/system/cmonha-ui-check.service &&
		test ! -e /var/lib/cmonha-ui/journal' || wrong "it was not undone"
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
}

# The same on a node that is a controller alone, where no HAProxy starts: at boot, before xinetd reads its file; and with a
# cluster file that cannot be parsed by then.
power_lost_on_a_controller() {
	node_exec cc2 sh -euc 'echo "roles = controller" >/tmp/roles
		sed -i "/^\[node cc2\]/r /tmp/roles" /etc/cmonha-ui/cluster.conf && rm /tmp/roles && cmonha-ui apply
		cd /var/lib/cmonha-ui
		umask 077
		cp /etc/xinetd.d/cmonhachk journal.old.0
		printf "cmonha-ui journal 1\nhad 644 0 0 /etc/xinetd.d/cmonhachk\n" >journal
		sed -i "s/= 9201/= 9301/" /etc/xinetd.d/cmonhachk
		echo nonsense >/etc/cmonha-ui/cluster.conf' || wrong "not set up"
	"$LAB" shutdown cc2 >/dev/null
	"$LAB" boot cc2
	wait_until 20 answers cc2 || wrong "the check does not answer at its port"
	node_exec cc2 test ! -e /var/lib/cmonha-ui/journal || wrong "the journal is still there"
	node_exec cc2 ss -Htln 'sport = :9301' | grep -q . && wrong "xinetd has read the other file"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
}

reinstall() {
	node_exec cc2 env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --reinstall cmonha-ui >/dev/null
	node_exec cc2 cmonha-ui status || wrong "not well afterwards"
	[ "$(node_exec cc2 grep -c '^cmonhachk' /etc/services)" = 1 ] || wrong "the line in /etc/services is there twice"
}

# Both want the same port, and xinetd lets go of it late: here a second late.
systemd_instead_of_xinetd() {
	node_exec cc2 sh -euc 'printf "\n[check]\nserver = systemd\n" >>/etc/cmonha-ui/cluster.conf
		systemctl kill --signal=STOP xinetd
		(sleep 1; systemctl kill --signal=CONT xinetd) &
		cmonha-ui apply' || wrong "apply failed"
	node_exec cc2 test ! -e /etc/xinetd.d/cmonhachk || wrong "xinetd's file is still there"
	wait_until 5 answers cc2 || wrong "no answer"
	node_exec cc2 systemctl is-active --quiet cmonha-ui-check.service || wrong "it is not systemd that answers"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
	wait_until 5 answers cc2 || wrong "no answer after the way back"
	node_exec cc2 systemctl is-active --quiet cmonha-ui-check.socket && wrong "systemd still has the port"
	[ "$("$LAB" logs cc2 -q --since -30s | grep -ci 'address already in use')" = 0 ] || wrong "the port was not free"
}

# An administrator disables xinetd: it would be gone after the next boot, so the socket is used. Where the cluster file says
# xinetd, it is enabled, and disabled again when it is not needed any more.
xinetd_is_not_enabled() {
	local links
	node_exec cc2 systemctl disable xinetd.service >/dev/null 2>&1
	links=$(links_of cc2)
	node_exec cc2 cmonha-ui status | grep -q "changes to systemd's socket" || wrong "status does not say that xinetd is not enabled"
	node_exec cc2 cmonha-ui apply || wrong "apply failed without an enabled xinetd"
	node_exec cc2 test ! -e /etc/xinetd.d/cmonhachk || wrong "xinetd's file is still there"
	wait_until 5 answers cc2 || wrong "the socket does not answer"
	[ "$(links_of cc2)" = "$links" ] || wrong "xinetd was enabled for a check that it does not serve"
	node_exec cc2 sh -c 'printf "\n[check]\nserver = xinetd\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply' || wrong "apply failed with xinetd"
	node_exec cc2 systemctl is-enabled --quiet xinetd.service || wrong "xinetd is not enabled"
	wait_until 5 answers cc2 || wrong "xinetd does not answer"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 sh -c 'echo "[check]" >>/etc/cmonha-ui/cluster.conf && echo "server = systemd" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply' ||
		wrong "apply failed with systemd"
	[ "$(links_of cc2)" = "$links" ] || wrong "xinetd is not disabled again: $(diff <(printf '%s\n' "$links") <(links_of cc2))"
	node_exec cc2 systemctl enable xinetd.service >/dev/null 2>&1
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
	wait_until 5 answers cc2 || wrong "no answer after the way back"
}
links_of() { node_exec "$1" sh -c 'find /etc/rc?.d /etc/systemd/system -name "*xinetd*" -printf "%p %l\n" | sort; ls /var/lib/cmonha-ui'; }

masked_unit() {
	local status=0
	node_exec cc2 systemctl mask cmonha-ui-keepalived.service >/dev/null 2>&1
	node_exec cc2 cmonha-ui apply 2>"$LAB_RUN/apply.err" || status=$?
	node_exec cc2 systemctl unmask cmonha-ui-keepalived.service >/dev/null 2>&1
	[ "$status" = 78 ] || wrong "exit status $status"
	grep -q 'cmonha-ui-keepalived.service is masked.*systemctl unmask cmonha-ui-keepalived.service' "$LAB_RUN/apply.err" || wrong "$(cat "$LAB_RUN/apply.err")"
	node_exec cc2 cmonha-ui apply
}

# A first apply that was interrupted is rolled back by HAProxy's unit, without waiting for xinetd, which here handles its
# reload a second later: the next apply waits for the port.
xinetd_releases_late() {
	node_exec cc2 cmonha-ui remove
	node_exec cc2 sh -euc 'printf "service cmonhachk\n{\n\ttype = UNLISTED\n\tport = 9201\n\tsocket_type = stream\n\tprotocol = tcp\n\twait = no\n\tuser = nobody\n\tserver = /bin/true\n}\n" >/etc/xinetd.d/cmonhachk
		systemctl reload xinetd'
	wait_until 5 node_exec cc2 sh -c 'ss -Htln "sport = :9201" | grep -q .' || wrong "xinetd does not listen"
	node_exec cc2 sh -euc 'rm /etc/xinetd.d/cmonhachk
		systemctl kill --signal=STOP xinetd
		systemctl reload --no-block xinetd
		(sleep 1; systemctl kill --signal=CONT xinetd) &
		cmonha-ui apply' || wrong "apply failed"
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
}

# gaps NODE SECONDS PORT...: prints the longest time in milliseconds in which every connection to every port was refused.
gaps() {
	local node=$1 address
	address=$(node_address "$1")
	shift
	node_exec "$node" python3 -c '
import socket, sys, time
address, seconds, ports = sys.argv[1], float(sys.argv[2]), [int(port) for port in sys.argv[3:]]
end = time.monotonic() + seconds
refused, longest = None, 0.0
while time.monotonic() < end:
    began = time.monotonic()
    for port in ports:
        try:
            socket.create_connection((address, port), 5).close()
        # Reset: accepted by a listener that was closed in this very moment.
        except (ConnectionRefusedError, ConnectionResetError):
            continue
        refused = None
        break
    else:
        refused = refused or began
        longest = max(longest, time.monotonic() - refused)
    time.sleep(0.005)
print(int(longest * 1000))' "$address" "$@"
}

# without_gap NODE PORT... -- COMMAND...: the command leaves no time of more than 100 ms without a listener.
without_gap() {
	local node=$1 measure longest ports=()
	shift
	while [ "$1" != -- ]; do ports+=("$1"); shift; done
	shift
	gaps "$node" 8 "${ports[@]}" >"$LAB_RUN/gap" &
	measure=$!
	node_exec "$node" "$@" || wrong "$*: failed"
	wait "$measure" || wrong "nothing was measured"
	longest=$(cat "$LAB_RUN/gap")
	echo "longest time without a listener: $longest ms"
	[ "$longest" -le 100 ] || wrong "$*: no listener for $longest ms"
}

check_pid() { node_exec "$1" sh -c "curl -s http://$(node_address "$1"):${2:-9201}/status" | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p'; }

# The units of the check and its port change while it is queried all the time, in both modes.
check_units_change() {
	local before
	make_leader cc2 # its HAProxy finds no other node at the changed port
	node_exec cc2 sh -c 'printf "\n[check]\nserver = systemd\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply' || wrong "apply failed"
	before=$(check_pid cc2)
	node_exec cc2 sh -c 'mkdir -p /etc/cmonha-ui/templates && cd /etc/cmonha-ui/templates &&
		sed "s/^UMask=.*/UMask=0027/" /usr/share/cmonha-ui/templates/cmonha-ui-check.service >cmonha-ui-check.service'
	without_gap cc2 9201 -- cmonha-ui apply
	[ "$(check_pid cc2)" != "$before" ] || wrong "cmonhachk was not replaced"
	node_exec cc2 grep -q 'UMask=0027' /etc/systemd/system/cmonha-ui-check.service
	before=$(check_pid cc2)
	node_exec cc2 sh -c 'cd /etc/cmonha-ui/templates &&
		sed "s/^Backlog=.*/Backlog=512/" /usr/share/cmonha-ui/templates/cmonha-ui-check.socket >cmonha-ui-check.socket'
	without_gap cc2 9201 -- cmonha-ui apply
	[ "$(check_pid cc2)" != "$before" ] || wrong "cmonhachk was not replaced"
	# An own unit file that does not require the socket.
	node_exec cc2 sh -c 'cd /etc/cmonha-ui/templates && rm cmonha-ui-check.socket && sed -i "/^Requires=/d; /^After=/d" cmonha-ui-check.service'
	node_exec cc2 cmonha-ui apply || wrong "apply failed"
	node_exec cc2 rm -r /etc/cmonha-ui/templates
	without_gap cc2 9201 -- cmonha-ui apply
	without_gap cc2 9201 9301 -- sh -c 'sed -i "s/^server = systemd/server = systemd\nport = 9301/" /etc/cmonha-ui/cluster.conf && cmonha-ui apply'
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
	before=$(check_pid cc2)
	node_exec cc2 sh -c 'mkdir -p /etc/cmonha-ui/templates && cd /etc/cmonha-ui/templates &&
		{ cat /usr/share/cmonha-ui/templates/xinetd; echo "# changed"; } >xinetd'
	without_gap cc2 9201 -- cmonha-ui apply
	[ "$(check_pid cc2)" != "$before" ] || wrong "cmonhachk was not replaced"
	node_exec cc2 rm -r /etc/cmonha-ui/templates
	without_gap cc2 9201 9301 -- sh -c 'printf "\n[check]\nport = 9301\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply'
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	without_gap cc2 9201 9301 -- cmonha-ui apply
	page_of_leader
}

port_is_open() { node_exec "$1" ss -Htln "sport = :$2" | grep -q .; }

# A port that HAProxy cannot bind: it goes on with the old worker, and apply says so and rolls back.
port_in_use() {
	local listener status=0
	node_exec cc2 python3 -c '
import socket, time
listener = socket.create_server(("127.0.0.1", 8099))
time.sleep(60)' &
	listener=$!
	wait_until 5 port_is_open cc2 8099 || wrong "the other program does not listen"
	node_exec cc2 sh -c 'mkdir -p /etc/cmonha-ui/templates &&
		sed "s/^frontend cmonha_ui_stats/&\n\tbind 127.0.0.1:8099/" /usr/share/cmonha-ui/templates/haproxy.cfg >/etc/cmonha-ui/templates/haproxy.cfg'
	node_exec cc2 cmonha-ui apply 2>"$LAB_RUN/apply.err" || status=$?
	node_exec cc2 rm -r /etc/cmonha-ui/templates
	kill "$listener" 2>/dev/null || true
	[ "$status" = 69 ] || wrong "exit status $status: $(cat "$LAB_RUN/apply.err")"
	grep -q 'could not be loaded' "$LAB_RUN/apply.err" || wrong "$(cat "$LAB_RUN/apply.err")"
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
	node_exec cc2 cmonha-ui diff || wrong "not rolled back"
}

# An administrator's own haproxy.cfg without our description: a warning, no rollback.
own_haproxy_template() {
	node_exec cc2 sh -c 'mkdir -p /etc/cmonha-ui/templates &&
		sed "/^.description/d" /usr/share/cmonha-ui/templates/haproxy.cfg >/etc/cmonha-ui/templates/haproxy.cfg'
	node_exec cc2 cmonha-ui apply 2>"$LAB_RUN/apply.err" || wrong "apply failed: $(cat "$LAB_RUN/apply.err")"
	grep -q 'description cmonha-ui' "$LAB_RUN/apply.err" || wrong "no warning: $(cat "$LAB_RUN/apply.err")"
	node_exec cc2 rm -r /etc/cmonha-ui/templates
	node_exec cc2 cmonha-ui apply 2>"$LAB_RUN/apply.err" || wrong "apply failed: $(cat "$LAB_RUN/apply.err")"
	! grep -q 'description cmonha-ui' "$LAB_RUN/apply.err" || wrong "a warning: $(cat "$LAB_RUN/apply.err")"
}

# A hang-up while apply waits for the VIP: what was verified stays, also at the next start of HAProxy.
hang_up_after_verification() {
	node_exec cc2 sh -c 'printf "\n[check]\ninterval = 300ms\n" >>/etc/cmonha-ui/cluster.conf
		setsid cmonha-ui apply &
		apply=$!
		# Before the journal exists nothing is changed, and a signal ends the run.
		for i in $(seq 500); do [ ! -e /var/lib/cmonha-ui/journal ] || break; sleep 0.01; done
		# To this process alone: the hooks of the units that it reloads have the same name.
		kill -HUP $apply || exit 1
		for i in $(seq 100); do kill -HUP $apply 2>/dev/null || break; sleep 0.05; done
		wait' || wrong "no signal was sent"
	node_exec cc2 test ! -e /var/lib/cmonha-ui/journal || wrong "a journal is left"
	node_exec cc2 systemctl restart cmonha-ui-haproxy.service
	node_exec cc2 cmonha-ui diff || wrong "the change was undone"
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
}

# /etc/services that cannot be replaced: a warning, and the package can still be removed.
services_file_is_locked() {
	make_leader cc2 # its HAProxy finds no other node at the changed port
	node_exec cc2 mount --bind /etc/services /etc/services
	node_exec cc2 sh -c 'printf "\n[check]\nport = 9301\n" >>/etc/cmonha-ui/cluster.conf && cmonha-ui apply' 2>"$LAB_RUN/apply.err" ||
		wrong "apply failed: $(cat "$LAB_RUN/apply.err")"
	grep -q 'services_line = no' "$LAB_RUN/apply.err" || wrong "no warning: $(cat "$LAB_RUN/apply.err")"
	wait_until 10 node_exec cc2 cmonha-ui status || wrong "not well afterwards"
	node_exec cc2 cmonha-ui remove || wrong "remove failed"
	node_exec cc2 test ! -e /etc/cmonha-ui/haproxy.cfg || wrong "not removed"
	node_exec cc2 umount /etc/services
	"$LAB" copy "$LAB_RUN/cluster.conf" cc2:/etc/cmonha-ui/cluster.conf
	node_exec cc2 cmonha-ui apply
	[ "$(node_exec cc2 grep -c '^cmonhachk' /etc/services)" = 1 ] || wrong "not exactly one line"
}

# ClusterControl 2.x sends browsers from port 80 to a node's own 443: told before anything is changed.
ui_that_redirects() {
	local before status=0
	sim cc1 ui redirect >/dev/null
	before=$(generated cc1)
	node_exec cc1 cmonha-ui check --live 2>"$LAB_RUN/apply.err" || status=$?
	node_exec cc1 cmonha-ui apply 2>>"$LAB_RUN/apply.err" && status=0
	sim cc1 ui up >/dev/null
	[ "$status" = 78 ] || wrong "exit status $status"
	[ "$(grep -c 'use 81:443' "$LAB_RUN/apply.err")" = 2 ] || wrong "$(cat "$LAB_RUN/apply.err")"
	diff <(printf '%s\n' "$before") <(generated cc1) || wrong "something changed"
}

# IPv4 carries the VRRP, the IPv6 address rides along.
second_vip_of_ipv6() {
	local node
	for node in "${NODES[@]}"; do
		node_exec "$node" sed -i "s#^vip = .*#vip = $LAB_VIP/24, fd00:c::200/64#" /etc/cmonha-ui/cluster.conf
		node_exec "$node" cmonha-ui apply || wrong "$node: apply failed"
	done
	probe until role=leader --limit 10 --url 'http://[fd00:c::200]:81/' >/dev/null || wrong "nobody at the IPv6 address"
	page_of_leader
	node=$(other "$(holder)")
	bindv6only "$node" 1
	both_families_answer "$node" || wrong "net.ipv6.bindv6only = 1: a family is not served: $(node_exec "$node" ss -Htln)"
	wait_until 10 node_exec "$node" cmonha-ui status || wrong "net.ipv6.bindv6only = 1: $(node_exec "$node" cmonha-ui status)"
	bindv6only "$node" 0
	apply_everywhere "$LAB_RUN/cluster.conf"
	! probe until role=leader --limit 1 --url 'http://[fd00:c::200]:81/' >/dev/null 2>&1 || wrong "the address taken out of the file still answers"
	page_of_leader
}

# bindv6only NODE VALUE: what a socket of IPv6 is at first, for all that are made from now on.
bindv6only() {
	ip netns exec "$LAB_NS$1" sysctl -q "net.ipv6.bindv6only=$2"
	node_exec "$1" systemctl restart "$(check_unit "$1")" cmonha-ui-haproxy.service
}
both_families_answer() {
	local port host
	for port in 81 9201; do
		for host in 127.0.0.1 '[::1]'; do
			wait_until 5 node_exec "$1" curl -s -m 2 -o /dev/null "http://$host:$port/" || return 1
		done
	done
}

# The second one comes while the first is going on, or has just ended.
reload_twice() {
	local i
	for i in 1 2; do node_exec "$1" systemctl reload cmonha-ui-haproxy.service; done
}
two_reloads() {
	local node
	page_of_leader
	for node in "${NODES[@]}"; do
		every_try reload_twice "$node"
		wait_until 10 node_exec "$node" cmonha-ui status || wrong "$(node_exec "$node" cmonha-ui status)"
	done
}

# The recipe's own check file was there first: kept, and given back.
migrated_file() {
	node_exec cc2 cmonha-ui remove
	node_exec cc2 sh -c 'printf "service cmonhachk\n{\n\tdisable = yes\n}\n" >/etc/xinetd.d/cmonhachk && chmod 0600 /etc/xinetd.d/cmonhachk'
	node_exec cc2 cmonha-ui apply
	node_exec cc2 grep -q 'Made by cmonha-ui' /etc/xinetd.d/cmonhachk || wrong "our file is not in place"
	node_exec cc2 cmonha-ui remove
	[ "$(node_exec cc2 stat -c %a /etc/xinetd.d/cmonhachk)" = 600 ] || wrong "the mode is not as before"
	node_exec cc2 grep -q 'disable = yes' /etc/xinetd.d/cmonhachk || wrong "the file is not as before"
	node_exec cc2 rm /etc/xinetd.d/cmonhachk
	node_exec cc2 cmonha-ui apply
}

t_run "a second apply changes nothing" apply_twice
t_run "a template that is refused: told with its line, nothing touched" bad_template
t_run "a cluster file with a mistake: exit 78, what works goes on" bad_file
t_run "a reload keeps sessions and shows no follower" reload_keeps_sessions
t_run "a connection of before a reload, used after it, meets the leader" connection_from_before_a_reload
t_run "a session of before a reload is cut when the leader moves" session_from_before_a_reload
t_run "two reloads of HAProxy in a row on each node: every try of a client meets the leader" two_reloads
t_run "a restarted HAProxy shows no follower" restart_shows_no_follower
t_run "the check's port changes" port_changes
if [ "$(check_unit cc2)" = xinetd.service ]; then
	t_run "an apply that lost its power half-way is undone when HAProxy starts" power_lost_in_apply
	t_run "the same at the boot of a node without HAProxy" power_lost_on_a_controller
	t_run "the package is installed again" reinstall
	t_run "systemd's socket instead of xinetd, and back" systemd_instead_of_xinetd
	t_run "xinetd is not enabled: systemd's socket, or it is enabled and disabled again" xinetd_is_not_enabled
	t_run "a unit is masked: refused with the remedy" masked_unit
	t_run "xinetd closes the port of a removed file late: apply waits" xinetd_releases_late
	t_run "units and port of the check change without a gap, in both modes" check_units_change
	t_run "a file of the manual recipe is kept and given back" migrated_file
fi
t_run "a port that HAProxy cannot bind at a reload: found, and rolled back" port_in_use
t_run "an own haproxy.cfg without our description: a warning" own_haproxy_template
t_run "a hang-up after the verification undoes nothing" hang_up_after_verification
t_run "/etc/services cannot be replaced: a warning, also from remove" services_file_is_locked
t_run "a UI that only redirects: refused with what to write instead" ui_that_redirects
t_run "an IPv6 VIP beside the IPv4 one, and gone again" second_vip_of_ipv6
