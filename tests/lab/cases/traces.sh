# shellcheck shell=bash
# Ten ways to get the package and to lose it again, on one node: each time every file below /etc, /usr and /var/lib and the
# account databases are as before, byte for byte.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

TRACED=cc3

# dpkg's and apt's own records change with every package; the other exceptions are caches and what a running system writes.
files_of() {
	# shellcheck disable=SC2016 # for the inner shell
	node_exec "$1" sh -c 'find /etc /usr /var/lib \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/systemd/catalog \
		-o -path /var/lib/systemd/timesync -o -path /usr/share/man -o -path /var/lib/systemd/random-seed \) -prune -o \
		-not -name "passwd-" -not -name "group-" -not -name "shadow-" -not -name "gshadow-" -not -name "sub?id-" \
		-not -name ld.so.cache -not -name .updated \( -type d -printf "%p %m %u %g\n" -o -printf "%p %m %u %g %s %l\n" \
		-type f -exec md5sum {} + \) 2>/dev/null | sort'
}

traced_exec() { node_exec "$TRACED" env DEBIAN_FRONTEND=noninteractive "$@"; }
apt() { traced_exec apt-get -y -q -o Dpkg::Use-Pty=0 "$@" >"$LAB_RUN/traces.log" 2>&1; }
got() { apt "$@" || wrong "apt $*: $(tail -n 5 "$LAB_RUN/traces.log")"; }

before() {
	traced_exec apt-get update -q >/dev/null
	files_of "$TRACED" >"$LAB_RUN/traces.before"
}
as_before() {
	local state
	state=$(traced_exec sh -c "dpkg-query -W -f '\${db:Status-Status}' cmonha-ui" 2>/dev/null || true)
	[ -z "$state" ] || [ "$state" = not-installed ] || wrong "the package is still $state"
	diff "$LAB_RUN/traces.before" <(files_of "$TRACED") || wrong "these files are not as before"
	traced_exec systemctl list-units --all --no-legend 'cmonha-ui*' | grep . && wrong "a unit is left"
	traced_exec ss -Htln | grep -qE ':(81|9201|9600) ' && wrong "a port is open"
	return 0
}
with_cluster_file() { "$LAB" copy "$LAB_RUN/cluster.conf" "$TRACED:/etc/cmonha-ui/cluster.conf"; }
# The other nodes have no package by now, so there need not be a leader.
it_serves() { wait_until 10 runs || wrong "the node does not serve: $(node_exec "$TRACED" cmonha-ui status 2>&1)"; }
runs() {
	traced_exec systemctl is-active --quiet cmonha-ui-haproxy.service cmonha-ui-keepalived.service &&
		traced_exec curl -s -m 3 -o /dev/null -D - "http://$(node_address "$TRACED"):9201/" | grep -q '^X-Cmonha-Role: '
}

# The previous release, as NAME=VERSION for apt.
old_version() { traced_exec apt-cache madison cmonha-ui | awk '$3 == "0.1.0" { print "cmonha-ui=" $3; exit }'; }

no_configuration() { before; got install cmonha-ui; got purge cmonha-ui; as_before; }

by_preseed() {
	before
	traced_exec debconf-set-selections <<-EOF
		cmonha-ui cmonha-ui/vip string $LAB_VIP/24
		cmonha-ui cmonha-ui/nodes string cc1=10.0.0.101, cc2=10.0.0.102, cc3=10.0.0.103
	EOF
	got install cmonha-ui
	it_serves
	got purge cmonha-ui
	as_before
}

by_cluster_file() { before; with_cluster_file; got install cmonha-ui; it_serves; got purge cmonha-ui; as_before; }

foreign_xinetd_file() {
	traced_exec sh -c 'printf "service cmonhachk\n{\n\tdisable = yes\n}\n" >/etc/xinetd.d/cmonhachk && chmod 0640 /etc/xinetd.d/cmonhachk && chgrp mail /etc/xinetd.d/cmonhachk'
	before
	with_cluster_file
	got install cmonha-ui
	it_serves
	got purge cmonha-ui
	as_before
	traced_exec rm /etc/xinetd.d/cmonhachk
}

reinstalled() { before; with_cluster_file; got install cmonha-ui; got install --reinstall cmonha-ui; it_serves; got purge cmonha-ui; as_before; }

upgraded() {
	[ -n "$(old_version)" ] || exit 77
	before
	with_cluster_file
	got install "$(old_version)"
	got install cmonha-ui
	it_serves
	got purge cmonha-ui
	as_before
}

downgraded() {
	[ -n "$(old_version)" ] || exit 77
	before
	with_cluster_file
	got install cmonha-ui
	got install --allow-downgrades "$(old_version)"
	it_serves
	got purge cmonha-ui
	as_before
}

# Where the configuration directory has to be is a file: postinst fails, and so dpkg.
failed_install() {
	before
	traced_exec touch /etc/cmonha-ui
	! apt install cmonha-ui || wrong "it installed over a file in place of its directory"
	traced_exec rm /etc/cmonha-ui
	got purge cmonha-ui
	as_before
}

removed_then_purged() {
	before
	with_cluster_file
	got install cmonha-ui
	got remove cmonha-ui
	traced_exec test -e /etc/cmonha-ui/cluster.conf || wrong "the cluster file went with the removal"
	got purge cmonha-ui
	as_before
}

dependencies_gone_first() {
	before
	with_cluster_file
	got install cmonha-ui
	traced_exec dpkg --force-depends --purge haproxy keepalived >"$LAB_RUN/traces.log" 2>&1 || wrong "$(cat "$LAB_RUN/traces.log")"
	traced_exec dpkg --purge cmonha-ui >"$LAB_RUN/traces.log" 2>&1 || wrong "$(cat "$LAB_RUN/traces.log")"
	got install haproxy keepalived
	as_before
}

# The other nodes serve, so that there is a leader; this one begins without the package, whatever part came before.
cluster_file >"$LAB_RUN/cluster.conf"
for node in "${NODES[@]}"; do
	[ "$node" != "$TRACED" ] || continue
	"$LAB" copy "$LAB_RUN/cluster.conf" "$node:/etc/cmonha-ui/cluster.conf"
	"$LAB" install "$node"
	node_exec "$node" cmonha-ui apply
done
traced_exec apt-get purge -y -q cmonha-ui >/dev/null
t_run "no trace: installed without configuration" no_configuration
t_run "no trace: configured by preseed" by_preseed
t_run "no trace: configured by a cluster file" by_cluster_file
t_run "no trace: another's xinetd file was there" foreign_xinetd_file
t_run "no trace: reinstalled" reinstalled
t_run "no trace: upgraded from 0.1.0" upgraded
t_run "no trace: downgraded to 0.1.0" downgraded
t_run "no trace: an installation that failed" failed_install
t_run "no trace: removed, then purged" removed_then_purged
t_run "no trace: HAProxy and keepalived are gone first" dependencies_gone_first
