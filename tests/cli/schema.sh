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

served /metrics --config "$here/proxy.conf" --node p
says headers "HTTP/1.1 200 OK"
says headers "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"
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
