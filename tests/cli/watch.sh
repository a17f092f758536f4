# shellcheck shell=sh
# status --cluster with nodes that are made up, in a network of its own: --watch on a pseudo terminal, and nodes that are off.

expect 64 status --watch
says err "--watch needs --cluster"
expect 64 status --cluster --watch --json
says err "--watch excludes --json and --monitoring"
expect 64 status --cluster --watch
says err "--watch needs a terminal"

# verdicts LABEL PROGRAM: the program in a network of its own, each line of it a test.
verdicts() {
	label=$1
	unshare --map-root-user --net /usr/bin/python3 "$repository/tests/cli/$2" "$tool" >verdicts 2>err
	is "the test program failed" test $? -eq 0
	while read -r verdict words; do
		case $verdict in
		ok) ok ;;
		FAIL) fail "$label" "$words" ;;
		esac
	done <verdicts
	says verdicts "ok    all is checked"
}

if ! unshare --map-root-user --net ip link set lo up 2>err; then
	skip "status --cluster: no network namespace ($(head -n 1 err))"
elif ! [ -x /usr/bin/python3 ]; then
	skip "status --cluster: python3 is not installed"
else
	verdicts "status --cluster --watch" watch.py
	verdicts "status --cluster, nodes that are off" off.py
fi
