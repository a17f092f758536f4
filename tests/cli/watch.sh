# shellcheck shell=sh
# status --cluster --watch: on a pseudo terminal, with nodes that are made up, in a network of its own.

expect 64 status --watch
says err "--watch needs --cluster"
expect 64 status --cluster --watch --json
says err "--watch excludes --json and --monitoring"
expect 64 status --cluster --watch
says err "--watch needs a terminal"

label="status --cluster --watch"
if ! unshare --map-root-user --net ip link set lo up 2>err; then
	skip "$label: no network namespace ($(head -n 1 err))"
elif ! [ -x /usr/bin/python3 ]; then
	skip "$label: python3 is not installed"
else
	unshare --map-root-user --net /usr/bin/python3 "$repository/tests/cli/watch.py" "$tool" >watched 2>err
	is "the test program failed" test $? -eq 0
	while read -r verdict words; do
		case $verdict in
		ok) ok ;;
		FAIL) fail "$label" "$words" ;;
		esac
	done <watched
	says watched "ok    all is checked"
fi
