# shellcheck shell=sh
# diff, apply and remove, on an image of a machine.

describe() { (cd image && find . ! -name lock ! -path ./var/lib/cmonha-ui/before -exec stat -c '%n %A %U:%G' {} + | sort &&
	find . -type f ! -name lock -exec cksum {} + | sort -k3); }

image
describe >before
expect 1 diff --root "$here/image" --node cc1
silent err
says out "--- /dev/null"
says out "+++ $here/image/etc/cmonha-ui/haproxy.cfg"
says out "--- $here/image/etc/services"
says out "+cmonhachk 9201/tcp"
expect 0 apply --dry-run --root "$here/image" --node cc1
says out "+++ $here/image/etc/cmonha-ui/haproxy.cfg"
describe >after
same before after
expect 0 apply --root "$here/image" --node cc1
says err "/etc/xinetd.d/cmonhachk was not created by cmonha-ui: saved as"
exists image/etc/cmonha-ui/haproxy.cfg
mode image/etc/cmonha-ui/stats.passwords 600
is_not "no password was made" grep -q 'made-at-first-apply' image/etc/cmonha-ui/haproxy.cfg
expect 0 diff --root "$here/image" --node cc1
silent out
describe >after
expect 0 apply --root "$here/image" --node cc1
silent err
describe >again
same after again
expect 0 apply --dry-run --root "$here/image" --node cc1
says out "nothing to change"
expect 1 diff --root "$here/image" --node cc2
says out "-# Made by cmonha-ui for node cc1"
says out "+# Made by cmonha-ui for node cc2"
# No password is printed, and none is in haproxy.cfg: a changed one shows as changed.
cp image/etc/cmonha-ui/stats.passwords passwords
cp image/etc/cmonha-ui/haproxy.cfg haproxy.cfg
admin=$(sed -n 's/^admin //p' passwords)
is_not "haproxy.cfg has a password" grep -qF -- "$admin" haproxy.cfg
is "haproxy.cfg has no hash" grep -qE '^	user admin password \$6\$' haproxy.cfg
printf '# mine\nstats !"#$%%&'"'"'()*+,-./:;<=>?@[\\]^_`{|}~ b\nadmin secret one\n' >image/etc/cmonha-ui/stats.passwords
chmod 0600 image/etc/cmonha-ui/stats.passwords
cp image/etc/cmonha-ui/stats.passwords edited
for words in diff "apply --dry-run"; do
	# shellcheck disable=SC2086 # one or two words
	run $words --root "$here/image" --node cc1
	says out "+	user admin password ******** (changed)"
	lacks out '$6$'
	lacks out "secret one"
	lacks out "stats.passwords"
done
expect 0 apply --root "$here/image" --node cc1
silent err
same edited image/etc/cmonha-ui/stats.passwords
is_not "haproxy.cfg has a password" grep -qF 'secret one' image/etc/cmonha-ui/haproxy.cfg
describe >changed
expect 0 apply --root "$here/image" --node cc1
describe >again
same changed again
expect 0 render --root "$here/image" --node cc1
says out "user admin password ********"
lacks out '$6$'
expect 0 render --root "$here/image" --config good.conf --all --output rendered
is_not "a hash was rendered" grep -r '[$]6[$]' rendered
# What is wrong in the file is an error, and nothing is replaced.
printf 'admin secret\nstat two\n' >image/etc/cmonha-ui/stats.passwords
describe >changed
for words in apply "apply --dry-run" diff; do
	# shellcheck disable=SC2086 # one or two words
	expect 78 $words --root "$here/image" --node cc1
	says err "image/etc/cmonha-ui/stats.passwords:2: a line must be \"admin PASSWORD\" or \"stats PASSWORD\""
	says err "the file is not changed"
	lacks err "two"
done
describe >again
same changed again
rm image/etc/cmonha-ui/stats.passwords
mkdir image/etc/cmonha-ui/stats.passwords
expect 78 apply --root "$here/image" --node cc1
says err "image/etc/cmonha-ui/stats.passwords: cannot read: Is a directory"
rmdir image/etc/cmonha-ui/stats.passwords
cp passwords image/etc/cmonha-ui/stats.passwords
chmod 0600 image/etc/cmonha-ui/stats.passwords
cp haproxy.cfg image/etc/cmonha-ui/haproxy.cfg
chmod 0600 image/etc/cmonha-ui/haproxy.cfg
# Wrong input loses nothing that exists.
expect 78 apply --root "$here/image" --node cc1 --config bad.conf
expect 78 apply --root "$here/image" --node cc9
expect 78 apply --root "$here/image"
expect 64 apply --root
mkdir image/etc/cmonha-ui/templates
printf '{{bogus}}\n' >image/etc/cmonha-ui/templates/haproxy.cfg
expect 78 apply --root "$here/image" --node cc1
rm -r image/etc/cmonha-ui/templates
describe >again
same after again
# A run was killed in the middle.
printf 'cmonha-ui journal 1\nnew %s\n' /etc/systemd/system/cmonha-ui-check.socket >image/var/lib/cmonha-ui/journal
: >image/etc/systemd/system/cmonha-ui-check.socket
expect 0 apply --root "$here/image" --node cc1
says err "rolled back an interrupted run"
absent image/etc/systemd/system/cmonha-ui-check.socket
describe >again
same after again
# The image has moved since.
printf 'cmonha-ui journal 1\nnew %s\n' /mnt/image/etc/systemd/system/cmonha-ui-check.socket >image/var/lib/cmonha-ui/journal
: >image/etc/systemd/system/cmonha-ui-check.socket
expect 1 diff --root "$here/image" --node cc1
says err "interrupted"
expect 0 apply --root "$here/image" --node cc1
expect 0 diff --root "$here/image" --node cc1
describe >again
same after again
# A journal of somebody else's: nothing outside is changed.
mkdir outside
printf 'precious\n' >outside/precious
printf 'precious\n' >precious
printf 'a program\n' >image/var/lib/cmonha-ui/journal.old.0
for line in "new $here/outside/precious" "had 4755 0 0 $here/outside/program" "had 4755 0 0 /etc/xinetd.d/cmonhachk"; do
	printf 'cmonha-ui journal 1\n%s\n' "$line" >image/var/lib/cmonha-ui/journal
	expect 69 apply --root "$here/image" --node cc1
	expect 69 remove --root "$here/image"
	absent outside/program
	same precious outside/precious
done
rm -f image/var/lib/cmonha-ui/journal*
# Links of the image that lead out of it: nothing is written, locked or read there.
for link in var/lib/cmonha-ui etc/cmonha-ui etc/xinetd.d; do
	mv image/$link kept
	ln -s "$here/outside" image/$link
	for name in "apply --node cc1" "diff --node cc1" remove; do
		status=69
		[ "$name $link" != "remove etc/xinetd.d" ] || status=70
		# shellcheck disable=SC2086 # two or three words
		expect $status $name --root "$here/image"
		says err "outside of $here/image"
	done
	rm image/$link
	mv kept image/$link
	is "$link: something was changed" test "$(ls -A outside)" = precious
	expect 0 apply --root "$here/image" --node cc1
done
for file in etc/cmonha-ui/templates/haproxy.cfg etc/cmonha-ui/stats.passwords; do
	mkdir -p image/etc/cmonha-ui/templates
	[ ! -e image/$file ] || mv image/$file kept
	ln -s "$here/outside/precious" image/$file
	expect 69 apply --root "$here/image" --node cc1
	expect 69 diff --root "$here/image" --node cc1
	rm image/$file
	[ ! -e kept ] || mv kept image/$file
done
rmdir image/etc/cmonha-ui/templates
# One remove has taken the passwords, so there are new ones.
describe >after
# A malformed journal: nothing is changed.
printf 'what?\n' >image/var/lib/cmonha-ui/journal
expect 69 apply --root "$here/image" --node cc2
says err "is not a journal of cmonha-ui"
expect 69 remove --root "$here/image"
rm -f image/var/lib/cmonha-ui/journal
describe >again
same after again
expect 0 remove --root "$here/image"
silent out
describe >again
same before again
expect 0 remove --root "$here/image"
describe >again
same before again
expect 64 remove --root
expect 64 remove --root relative
ln -s "$here/good.conf" image/etc/cmonha-ui/haproxy.cfg
cp good.conf precious
expect 69 apply --root "$here/image" --node cc1
says err "outside of $here/image"
same good.conf precious
# Not a lack of rights: diff fails as apply does.
expect 69 diff --root "$here/image" --node cc1
says err "outside of $here/image"
expect 69 apply --dry-run --root "$here/image" --node cc1
rm image/etc/cmonha-ui/haproxy.cfg

# An upgrade of the package: the applied file counts, for the node that it was applied for, and an edit is reported.
image
sed -i '$d' image/etc/cmonha-ui/cluster.conf # another address for cc3
printf 'address = 10.0.0.113\n' >>image/etc/cmonha-ui/cluster.conf
describe >before
expect 0 apply --upgrade --root "$here/image"
says err "nothing is applied on this host, and nothing was changed"
lines err 1
describe >after
same before after
: >image/var/lib/cmonha-ui/setup-pending
expect 0 apply --root "$here/image" --node cc2
absent image/var/lib/cmonha-ui/setup-pending
is "the node is not noted" grep -qx cc2 image/var/lib/cmonha-ui/node
describe >before
expect 0 apply --upgrade --root "$here/image"
silent err
describe >after
same before after
cp image/etc/cmonha-ui/haproxy.cfg applied.cfg
sed -i 's/113/103/' image/etc/cmonha-ui/cluster.conf
echo '# as an older version has made it' >>image/etc/cmonha-ui/haproxy.cfg
expect 0 apply --upgrade --root "$here/image"
says err "/etc/cmonha-ui/cluster.conf differs from the applied file, which stays in use"
lines err 1
same applied.cfg image/etc/cmonha-ui/haproxy.cfg
is "the edit was applied" grep -q 10.0.0.113 image/var/lib/cmonha-ui/cluster.conf
# Without the note, as after version 0.1.0; from another file if one has an own template.
for place in haproxy.cfg keepalived.conf; do
	rm image/var/lib/cmonha-ui/node
	expect 0 apply --upgrade --root "$here/image"
	is "the node was not found" grep -qx cc2 image/var/lib/cmonha-ui/node
	sed -i 1d "image/etc/cmonha-ui/$place"
done
rm image/var/lib/cmonha-ui/node
expect 0 apply --upgrade --root "$here/image"
is "the node was not found" grep -qx cc2 image/var/lib/cmonha-ui/node
rm image/etc/cmonha-ui/cluster.conf
expect 0 apply --upgrade --root "$here/image"
says err "/etc/cmonha-ui/cluster.conf: cannot read; the applied copy of it stays in use"
# An interrupted run is rolled back before the applied file is read.
cp image/var/lib/cmonha-ui/cluster.conf image/var/lib/cmonha-ui/journal.old.0
printf 'cmonha-ui journal 1\nhad 644 %d %d %s\n' "$(id -u)" "$(id -g)" "$here/image/var/lib/cmonha-ui/cluster.conf" \
	>image/var/lib/cmonha-ui/journal
echo half >image/var/lib/cmonha-ui/cluster.conf
expect 0 apply --upgrade --root "$here/image"
says err "rolled back an interrupted run"
# Nor is the cluster file needed: one with errors, and none. A journal is reported with them.
for file in bad.conf nothing; do
	rm -f image/etc/cmonha-ui/cluster.conf
	[ ! -e $file ] || cp $file image/etc/cmonha-ui/cluster.conf
	mv image/etc/cmonha-ui/haproxy.cfg image/var/lib/cmonha-ui/journal.old.0
	printf 'cmonha-ui journal 1\nhad 600 %d %d /etc/cmonha-ui/haproxy.cfg\n' "$(id -u)" "$(id -g)" >image/var/lib/cmonha-ui/journal
	for command in status diff; do
		expect 78 $command --root "$here/image" --node cc1
		says err "interrupted"
	done
	expect 78 apply --root "$here/image" --node cc1
	says err "rolled back an interrupted run"
	is "haproxy.cfg is not restored" test -s image/etc/cmonha-ui/haproxy.cfg
	absent image/var/lib/cmonha-ui/journal
done
expect 0 remove --root "$here/image"
expect 0 apply --upgrade --root "$here/image"
says err "nothing is applied on this host"
absent image/etc/cmonha-ui/haproxy.cfg
for words in "--upgrade --node cc1" "--upgrade --config $here/good.conf" "--upgrade --dry-run" "--upgrade --wait" \
	"--wait --root $here/image" "--defer --root $here/image" "--wait --defer" "--wait --dry-run"; do
	# shellcheck disable=SC2086 # two or three words
	expect 64 apply $words
done
image

# The lock: another instance holds it, or it cannot be created.
if command -v flock >/dev/null; then
	label="cmonha-ui apply, while another instance runs"
	flock image/var/lib/cmonha-ui/lock "$tool" apply --root "$here/image" --node cc1 >out 2>err
	is "exit status is not 75" test $? -eq 75
	says err "another instance is running (lock file $here/image/var/lib/cmonha-ui/lock)"
else
	skip "apply while another instance runs: flock(1) is not installed"
fi
rm -rf image/var/lib/cmonha-ui
: >image/var/lib/cmonha-ui
for name in "apply --node cc1" remove; do
	# shellcheck disable=SC2086 # two or three words
	expect 73 $name --root "$here/image"
	lacks err "another instance"
done
