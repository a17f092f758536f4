# shellcheck shell=bash
# apt install from the signed repository over HTTP; what was changed or signed by another key is refused.
# The package may be installed or not before; in the end it is not.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"
# shellcheck source=signed.sh
. "$LAB_DIR/cases/signed.sh"

REPO_NODE=cc3

make_repositories() {
	local variant
	mkdir -p "$WEB"
	signed_make good "$LAB_RUN/key"
	signed_make foreign-key "$LAB_RUN/foreign-key"
	for variant in changed-package changed-index changed-release unsigned; do
		cp -r "$WEB/good" "$WEB/$variant"
		sed -i "s,$WEB_URL/good,$WEB_URL/$variant," "$WEB/$variant/cmonha-ui.sources"
	done
	# Same length: only the checksum can differ.
	change_last_byte "$WEB"/changed-package/apt/pool/main/c/cmonha-ui/*.deb
	rm "$WEB"/changed-index/apt/dists/stable/main/*/Packages.gz
	sed -i 's/^Maintainer: ./Maintainer: X/' "$WEB"/changed-index/apt/dists/stable/main/*/Packages
	sed -i 's/^Origin: c/Origin: X/' "$WEB"/changed-release/apt/dists/stable/{InRelease,Release}
	rm "$WEB"/unsigned/apt/dists/stable/{InRelease,Release.gpg}
}

change_last_byte() {
	local size
	size=$(stat -c %s "$1")
	printf '\377' | dd of="$1" bs=1 seek=$((size - 1)) conv=notrunc status=none
}

# Only the repository in question: the dependencies are installed already, and the lab's own trusted repository has the
# package too.
use_repository() {
	node_exec "$REPO_NODE" sh -c 'dpkg --purge cmonha-ui; rm -rf /var/lib/apt/lists /var/cache/apt/archives/cmonha-ui_*
		[ ! -e /etc/apt/sources.list ] || mv /etc/apt/sources.list /etc/apt/sources.list.lab' >/dev/null 2>&1
	"$LAB" copy "$WEB/good/cmonha-ui.asc" "$REPO_NODE:/etc/apt/keyrings/cmonha-ui.asc"
	"$LAB" copy "$WEB/$1/cmonha-ui.sources" "$REPO_NODE:/etc/apt/sources.list.d/cmonha-ui.sources"
}

forget_repository() {
	node_exec "$REPO_NODE" sh -c 'dpkg --purge cmonha-ui
		rm -rf /var/lib/apt/lists /etc/apt/keyrings/cmonha-ui.asc /etc/apt/sources.list.d/cmonha-ui.sources /etc/apt/trusted.gpg.d/foreign.asc
		mv /etc/apt/sources.list.lab /etc/apt/sources.list' >/dev/null 2>&1
	signed_end
}

apt_get() { node_exec "$REPO_NODE" env DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >"$LAB_RUN/apt.log" 2>&1; }

# apt_refuses MESSAGE ARGUMENT…: apt-get fails, for this reason and no other, and nothing is installed.
apt_refuses() {
	local message=$1 installed
	shift
	! apt_get "$@" || wrong "apt-get $1 accepts it"
	grep -qE "$message" "$LAB_RUN/apt.log" || wrong "another reason: $(tail -n 5 "$LAB_RUN/apt.log")"
	installed=$(node_exec "$REPO_NODE" sh -c "dpkg-query -W -f '\${db:Status-Status}' cmonha-ui 2>/dev/null || true")
	[ "${installed:-not-installed}" = not-installed ] || wrong "the package is $installed"
}

installed_from_it() {
	use_repository good
	apt_get update || wrong "$(cat "$LAB_RUN/apt.log")"
	! grep -qE '^[WE]:' "$LAB_RUN/apt.log" || wrong "apt warns: $(grep -E '^[WE]:' "$LAB_RUN/apt.log")"
	apt_get install -y cmonha-ui || wrong "$(cat "$LAB_RUN/apt.log")"
	! grep -q 'cannot be authenticated' "$LAB_RUN/apt.log" || wrong "$(cat "$LAB_RUN/apt.log")"
	grep -q "$WEB_URL/good/apt" "$LAB_RUN/apt.log" || wrong "it came from elsewhere: $(cat "$LAB_RUN/apt.log")"
	node_exec "$REPO_NODE" cmonha-ui --version
}

changed_package() {
	use_repository changed-package
	apt_get update || wrong "$(cat "$LAB_RUN/apt.log")"
	apt_refuses 'Hash Sum mismatch' install -y cmonha-ui
}

changed_index() {
	use_repository changed-index
	apt_refuses 'Hash Sum mismatch' update
	apt_refuses 'Unable to locate package cmonha-ui|has no installation candidate' install -y cmonha-ui
}

changed_release() {
	use_repository changed-release
	apt_refuses 'signatures were invalid: BADSIG|Message has been manipulated' update
	apt_refuses 'Unable to locate package cmonha-ui|has no installation candidate' install -y cmonha-ui
}

unsigned() {
	use_repository unsigned
	apt_refuses 'is not signed' update
	apt_refuses 'Unable to locate package cmonha-ui|has no installation candidate' install -y cmonha-ui
}

# Also where apt trusts the key for other repositories: Signed-By names the one key for this one.
foreign_key() {
	use_repository foreign-key
	"$LAB" copy "$WEB/foreign-key/cmonha-ui.asc" "$REPO_NODE:/etc/apt/trusted.gpg.d/foreign.asc"
	apt_refuses 'NO_PUBKEY|Missing key' update
	apt_refuses 'Unable to locate package cmonha-ui|has no installation candidate' install -y cmonha-ui
}

# A hardening role may do without xinetd, and openbsd-inetd need not go for it.
without_xinetd() {
	local before
	node_exec "$REPO_NODE" apt-get purge -y -q xinetd >/dev/null 2>&1
	before=$(snapshot "$REPO_NODE")
	"$LAB" copy "$LAB_RUN/cluster.conf" "$REPO_NODE:/etc/cmonha-ui/cluster.conf"
	apt_get update || wrong "$(cat "$LAB_RUN/apt.log")"
	apt_get install -y --no-install-recommends cmonha-ui || wrong "$(cat "$LAB_RUN/apt.log")"
	node_exec "$REPO_NODE" test ! -e /usr/sbin/xinetd || wrong "apt installed xinetd"
	make_leader "$REPO_NODE" # the other nodes may have no check any more
	page "$REPO_NODE" || wrong "the VIP does not show the leader's page"
	node_exec "$REPO_NODE" systemctl is-active --quiet cmonha-ui-check.socket || wrong "systemd's socket is not active"
	node_exec "$REPO_NODE" cmonha-ui status || wrong "status reports a problem"
	node_exec "$REPO_NODE" apt-get purge -y -q cmonha-ui >/dev/null 2>&1
	diff <(printf '%s\n' "$before") <(snapshot "$REPO_NODE") || wrong "the purge left or changed something"
}

recommended_xinetd() {
	apt_get update || wrong "$(cat "$LAB_RUN/apt.log")"
	apt_get install -y cmonha-ui || wrong "$(cat "$LAB_RUN/apt.log")"
	node_exec "$REPO_NODE" test -x /usr/sbin/xinetd || wrong "apt did not install xinetd"
	node_exec "$REPO_NODE" apt-get purge -y -q cmonha-ui >/dev/null 2>&1
}

# The user that they belonged to is gone after the purge.
keys_stay() {
	local keys=/var/lib/cmonha-ui/.s9s
	apt_get install -y cmonha-ui || wrong "$(cat "$LAB_RUN/apt.log")"
	node_exec "$REPO_NODE" sh -c "mkdir -m 0700 $keys && echo secret >$keys/key && chown -R cmonha-ui: $keys"
	node_exec "$REPO_NODE" apt-get purge -y -q cmonha-ui >/dev/null 2>&1
	node_exec "$REPO_NODE" sh -c 'ls -A /var/lib/cmonha-ui' | grep -qx .s9s || wrong "the keys are gone"
	[ "$(node_exec "$REPO_NODE" find /var/lib/cmonha-ui ! -user root)" = '' ] || wrong "they do not belong to root"
	node_exec "$REPO_NODE" rm -r /var/lib/cmonha-ui
}

t_run "a signed repository is made, and copies with one fault each" make_repositories
signed_serve
t_run "apt installs from the signed repository over HTTP" installed_from_it
t_run "a changed package is refused" changed_package
t_run "a changed index is refused" changed_index
t_run "a changed Release file is refused" changed_release
t_run "a repository without a signature is refused" unsigned
t_run "a repository signed by a foreign key is refused" foreign_key
forget_repository
t_run "without the recommended xinetd: systemd's socket serves, purge leaves nothing" without_xinetd
t_run "apt brings the recommended xinetd" recommended_xinetd
t_run "a purge keeps the administrator's s9s keys, for root alone" keys_stay
