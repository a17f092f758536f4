# shellcheck shell=bash
# A signed repository on the client's address, and the files of conf/provisioning filled in for it. Sourced by cases/*.sh.

# shellcheck disable=SC2034 # for those who source this
PROVISIONING=$LAB_DIR/../../conf/provisioning
WEB=$LAB_RUN/web
WEB_URL=http://$LAB_NET.10:8080

# signed_make NAME KEYS: the package in a repository $WEB/NAME, signed by the key below KEYS, which is made if there is none.
signed_make() { REPO_URL=$WEB_URL/$1 KEY_HOME=$2 "$LAB_DIR/../repo/make" "$WEB/$1" "$PACKAGE"; }

signed_serve() {
	# shellcheck disable=SC2016 # for the inner shell
	node_exec client sh -c 'echo $$ >"$1" && exec /usr/bin/python3 -m http.server --bind "$2" --directory "$3" 8080' server \
		"$LAB_RUN/web.pid" "$LAB_NET.10" "$WEB" >/dev/null 2>"$LAB_RUN/web.log" </dev/null &
	wait_until 10 node_exec client curl -sf -o /dev/null "$WEB_URL/good/INSTALL"
}

signed_repository() {
	mkdir -p "$WEB"
	[ -e "$WEB/good" ] || signed_make good "$LAB_RUN/key" >/dev/null
	signed_serve
}

signed_end() { kill "$(cat "$LAB_RUN/web.pid")" 2>/dev/null || true; }

# signed_copy FILE: to standard output, with this repository's URL, and its key in place of the example, indented alike.
signed_copy() {
	awk -v url="$WEB_URL/good" -v keyfile="$WEB/good/cmonha-ui.asc" '
		{ gsub("https://packages.example.net/cmonha-ui", url) }
		/-----BEGIN PGP/ { indent = $0; sub("-.*", "", indent); while ((getline line <keyfile) > 0) print indent line; skip = 1 }
		!skip { print }
		/-----END PGP/ { skip = 0 }' "$1"
}
