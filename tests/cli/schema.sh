# shellcheck shell=sh
# What cmonhachk reports of nodes without a controller that answers: always as conf/status.schema.json says.

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
