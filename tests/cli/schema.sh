# shellcheck shell=sh
# What cmonhachk reports of nodes without a controller that answers: always as conf/status.schema.json says, and as
# OpenMetrics does.

check=${tool%/*}/cmonhachk
schema=$repository/conf/status.schema.json

# reports STATUS WORDS…: cmonhachk --json exits with STATUS, and its output is valid.
reports() {
	wanted=$1
	shift
	label="cmonhachk --json $*"
	"$check" --json "$@" >out 2>err </dev/null
	status=$?
	is "exit status $status, not $wanted" test "$status" -eq "$wanted"
	"$repository/tests/validate" "$schema" out 2>err
	is "the report is not as the schema says" test $? -eq 0
}

{ cat good.conf && printf '[node p]\naddress = 10.0.0.104\nroles = proxy\n'; } >proxy.conf
printf '{"schema": 1}\n' >old
"$repository/tests/validate" "$schema" old 2>err
case $? in
77) skip "reports against the schema: python3-jsonschema is not installed" ;;
1)
	ok
	reports 2 --config proxy.conf --node p
	says out '"reason": "not-a-controller"'
	says out '"units": {'
	says out '"address": "10.0.0.200"'
	# Nobody has this address, so no controller is asked.
	reports 2 --config good.conf --node cc1
	says out '"kind": "configuration"'
	reports 2 --source s9s
	says out '"roles": null'
	;;
*) fail "the schema is no schema" "$(head -n 3 err)" ;;
esac

# The response at PATH over a connection, as from xinetd with wait = no: headers in head, body in out.
served() {
	label="cmonhachk: GET $1"
	/usr/bin/python3 - "$check" "$@" >response 2>err <<'END'
import socket
import subprocess
import sys

check, path, *words = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname(), timeout=10)
server, _ = listener.accept()
client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
with subprocess.Popen([check, *words], stdin=server) as process:
    server.close()
    while data := client.recv(65536):
        sys.stdout.buffer.write(data)
    client.close()
END
	tr -d '\r' <response | sed '/^$/q' >head
	tr -d '\r' <response | sed '1,/^$/d' >out
}

served /metrics --config "$here/proxy.conf" --node p
says head "HTTP/1.1 200 OK"
says head "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"
says out 'cmonha_reason{cmonha_reason="not-a-controller"} 1'
is "the last line is not # EOF" test "$(tail -n 1 out)" = "# EOF"
"$repository/tests/openmetrics" out >prometheus 2>err
case $? in
77) skip "/metrics as OpenMetrics: python3-prometheus-client is not installed" ;;
0) ok ;;
*) fail "/metrics is not OpenMetrics" "$(tail -n 3 err)" ;;
esac
if ! command -v promtool >/dev/null; then
	skip "/metrics by promtool: prometheus is not installed"
elif promtool check metrics <prometheus >err 2>&1 && ! [ -s err ]; then
	ok
else
	fail "promtool check metrics" "$(cat err)"
fi
