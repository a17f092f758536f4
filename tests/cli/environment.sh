# shellcheck shell=sh
# What a process inherits changes nothing: apply on this machine itself, whose /etc, /var/lib and /run are copies in a
# mount namespace, with the real HAProxy and keepalived.

cat >inner <<'END'
set -eu
work=$1 tool=$2 repository=$3 words=$4
mount -t tmpfs none "$work"
cd "$work"
for name in etc lib sbin; do
	mkdir $name $name.work
	case $name in
	etc) path=/etc ;;
	lib) path=/var/lib ;;
	sbin) path=/usr/sbin ;;
	esac
	mount -t overlay overlay -o lowerdir=$path,upperdir="$work/$name",workdir="$work/$name.work" $path
done
mount -t tmpfs none /run
cp "$tool" /usr/sbin/cmonha-ui
chmod 0755 /usr/sbin/cmonha-ui
mkdir -p /run/cmonha-ui /etc/cmonha-ui /var/lib/haproxy
cp -R "$repository/conf/templates" /etc/cmonha-ui/templates
id cmonha-ui >/dev/null 2>&1 || { echo "cmonha-ui:x:990:990::/:/bin/false" >>/etc/passwd && echo "cmonha-ui:x:990:" >>/etc/group; }
mkdir -p /var/lib/cmonha-ui && cp -R "$repository/conf/templates/haproxy.state" /var/lib/cmonha-ui/
: >/run/cmonha-ui/haproxy.state
: >/run/cmonha-ui/haproxy.gone
printf '[cluster]\nvip = 10.0.0.200/24\n[ui]\nstats = 9600\n[check]\nserver = systemd\n[node cc1]\naddress = 10.0.0.101\n[node cc2]\naddress = 10.0.0.102\n[node cc3]\naddress = 10.0.0.103\n' >/etc/cmonha-ui/cluster.conf
printf 'admin first\nstats second\n' >/etc/cmonha-ui/stats.passwords
chmod 0600 /etc/cmonha-ui/stats.passwords
# Their hashes, which are kept.
printf '\tuser admin password %s\n\tuser stats password %s\n' '$6$rounds=1000$abcdefghijklmnop$4fkuy4IPo4bDBlKwI3p9OFjceVtNKIi.tbajKQmw.OFWsBQ.OHxLchSPGVhagJk0YLQUY.FC2sakMK5DrkSxZ.' \
	'$6$rounds=1000$abcdefghijklmnop$Gx0VG2.xidlXbyuc.Mc7T6.P0l6.CGX6WQbda7nnbdv4gYgrmZxu0PzevbHQ9kPE9wYdC3ZTnmhpzjXu2Fwko/' >/etc/cmonha-ui/haproxy.cfg
ip link set lo up
ip link add eth1 type veth peer name cmonha-peer
ip link set cmonha-peer up
ip link set eth1 up
ip address add 10.0.0.101/24 dev eth1
status=0
(eval "$words /usr/sbin/cmonha-ui apply") </dev/null || status=$?
find /etc/cmonha-ui /etc/systemd/system /var/lib/cmonha-ui -type f ! -name lock -exec stat -c '%n %a %u' {} + -exec cksum {} + | sort
echo "status $status"
END

# applied WORDS FILE: what apply makes when it is started by these words.
applied() {
	mkdir -p work
	as_root="unshare --mount --net --propagation private"
	$as_root sh inner "$here/work" "$tool" "$repository" "$1" >"$2" 2>err
}

if [ "$(id -u)" -ne 0 ] || ! command -v haproxy keepalived unshare setpriv perl >/dev/null; then
	skip "apply in other environments: needs root, HAProxy and keepalived"
elif ! applied "" plain && ! grep -q '^status' plain; then
	skip "apply in other environments: no mount namespace or overlay ($(head -n 1 err))"
else
	label="cmonha-ui apply on a machine"
	says plain "status 0"
	says plain "/etc/cmonha-ui/keepalived.conf 640"
	while read -r words; do
		label="$words cmonha-ui apply"
		applied "$words" other
		same plain other
	done <<'END'
env -i PATH=/usr/bin:/bin
env -i
env PATH=/nonexistent
env LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=tr
perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV'
umask 077;
exec <&- >&- 2>&-;
setpriv --bounding-set -sys_admin
setpriv --bounding-set -sys_admin,-net_admin,-sys_ptrace --inh-caps -all
END
fi
