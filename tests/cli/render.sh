# shellcheck shell=sh
# render: prints or writes the files of a node.

image
templates="--templates $repository/conf/templates --root $here/image"
rm -r image/usr/share
# shellcheck disable=SC2086 # two options
{
	expect 0 render $templates --config good.conf --node cc2
	silent err
	for target in /etc/cmonha-ui/haproxy.cfg /var/lib/cmonha-ui/haproxy.state \
		/etc/cmonha-ui/keepalived.conf /etc/xinetd.d/cmonhachk; do
		says out "### cc2: $target"
	done
	says out "### cc2: a line in /etc/services"
	says out "cmonhachk 9201/tcp"
	says out "user admin password ********"
	lacks out "made-at-first-apply"
	expect 0 render $templates --node cc2
	expect 0 render $templates --config good.conf --node cc2 --output one/node
	silent out
	is "wrote $(ls one/node)" \
		test "$(cd one/node && echo *)" = "haproxy.cfg haproxy.state keepalived.conf watch.conf xinetd"
	mode one/node/haproxy.cfg 600
	expect 0 render $templates --config good.conf --all --output all
	is "wrote $(ls all)" test "$(cd all && echo *)" = "cc1 cc2 cc3"
	for name in haproxy.cfg haproxy.state keepalived.conf watch.conf xinetd; do
		same "all/cc2/$name" "one/node/$name"
	done
	expect 0 render $templates --config good.conf --all
	says out "### cc3: /etc/cmonha-ui/keepalived.conf"
	expect 64 render $templates --config good.conf --all --node cc1
	says err "--all and --node exclude each other"
	expect 78 render $templates --config good.conf --node cc9
	says err "good.conf: no node of that name in the cluster file"
	expect 78 render $templates --config good.conf
	says err "good.conf: no node has an address of this host"
	expect 78 render $templates --config bad.conf --all
	lines err 6
	expect 78 render $templates --config warning.conf --all
	says err "warning.conf: [cluster] interface: node cc1 is not this host"
	expect 73 render $templates --config good.conf --all --output good.conf
	expect 78 render --root "$here/image" --config good.conf --node cc1
	says err "haproxy.cfg: cannot read the template"
	mkdir -p image/etc/cmonha-ui/templates
	printf 'a\n{{bogus}}\n' >image/etc/cmonha-ui/templates/haproxy.cfg
	printf '{{#peers}}\n' >image/etc/cmonha-ui/templates/keepalived.conf
	rm -rf broken
	expect 78 render $templates --config good.conf --node cc1 --output broken
	says err "/etc/cmonha-ui/templates/haproxy.cfg:2: unknown variable \"bogus\""
	says err "/etc/cmonha-ui/templates/keepalived.conf:1: section is not closed: \"peers\""
	absent broken
	rm -r image/etc/cmonha-ui/templates
}
