# shellcheck shell=sh
# What root alone may do, tried as another user.

tool_for_nobody
for name in apply remove; do
	label="cmonha-ui $name, not as root"
	as_nobody bin/cmonha-ui $name >out 2>err
	status=$?
	is "exit status $status, not 77" test $status -eq 77
	says err "$name must be run as root"
	# "/" is this machine, not an image.
	label="cmonha-ui $name --root /, not as root"
	as_nobody bin/cmonha-ui $name --root / >out 2>err
	status=$?
	is "exit status $status, not 77" test $status -eq 77
	says err "$name must be run as root"
done
# The empty name of a directory is not that of the root directory.
label="cmonha-ui render --output ''"
as_nobody bin/cmonha-ui render --config good.conf --all --output '' >out 2>err
is "exit status is not 64" test $? -eq 64
says err "--output must name a directory"
label="cmonha-ui check, not as root"
as_nobody bin/cmonha-ui check good.conf >out 2>err
is "exit status is not 0" test $? -eq 0
# What only root can read: 77, and nothing else is.
label="cmonha-ui diff, without the right to read"
image
rm -rf image/var/lib/cmonha-ui
mkdir -p image/var/lib/cmonha-ui
printf 'Made by cmonha-ui\n' >image/etc/cmonha-ui/haproxy.cfg
chmod 0 image/etc/cmonha-ui/haproxy.cfg
for words in diff "apply --dry-run"; do
	# shellcheck disable=SC2086 # one or two words
	as_nobody bin/cmonha-ui $words --root "$here/image" --node cc1 >out 2>err
	status=$?
	is "exit status $status, not 77" test $status -eq 77
	says err "image/etc/cmonha-ui/haproxy.cfg: cannot read: Permission denied"
done
