# shellcheck shell=bash
# The files of conf/provisioning as they are, but for the repository's URL and key: debconf answers, an image that is
# made in a chroot without systemd, and three machines cloned from it. Every node is a new machine afterwards.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"
# shellcheck source=signed.sh
. "$LAB_DIR/cases/signed.sh"

reinstall_all() {
	local node
	for node in "${NODES[@]}"; do if node_on "$node"; then "$LAB" power-off "$node" >/dev/null; fi; done
	for node in "${NODES[@]}"; do "$LAB" reinstall "$node" "$@"; done
	for node in "${NODES[@]}"; do "$LAB" boot "$node" --no-wait; done
	for node in "${NODES[@]}"; do "$LAB" boot-wait "$node"; done
}


# Three new machines, one of which has the package's user, by somebody's tool, and not its group, which the check needs. The time counts from apt's start on the first to the leader's page at the VIP.
preseeded() {
	local node since
	reinstall_all
	node_exec cc3 useradd --system --gid nogroup --no-create-home cmonha-ui
	for node in "${NODES[@]}"; do node_exec "$node" debconf-set-selections <"$PROVISIONING/preseed.cfg"; done
	now_us
	since=$NOW_US
	"$LAB" install --parallel "${NODES[@]}"
	page_of_leader 20 || wrong "the VIP does not show the leader's page"
	now_us
	printf '      from apt install to the leader at the VIP, three nodes at once: %d ms\n' $(((NOW_US - since) / 1000))
	[ $(((NOW_US - since) / 1000000)) -le 60 ] || wrong "more than 60 s"
	for node in "${NODES[@]}"; do
		serves "$node"
		node_exec "$node" cmonha-ui check
	done
}

IMAGE=$LAB_RUN/image

# What an installer does: neither systemd nor the node's address is there, the repository's key is.
image_is_made() {
	signed_copy "$PROVISIONING/image.sh" >"$LAB_RUN/image.sh"
	"$LAB" image "$IMAGE" sh -euc "cat >/root/image.sh <<'IMAGE-END'
$(cat "$LAB_RUN/image.sh")
IMAGE-END
sh /root/image.sh" >"$LAB_RUN/image.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/image.log")"
	grep -q "$WEB_URL/good/apt" "$LAB_RUN/image.log" || wrong "it did not come from the signed repository"
	grep -q 'cmonha-ui-setup.service applies the file as soon as it has one' "$LAB_RUN/image.log" || wrong "$(tail -n 15 "$LAB_RUN/image.log")"
	[ ! -e "$IMAGE/upper/etc/cmonha-ui/stats.passwords" ] || wrong "the image has passwords, which all clones would share"
}

# The key in the file as it is shipped is none: nothing may be installed then.
image_needs_the_key() {
	sed "s,https://packages.example.net/cmonha-ui,$WEB_URL/good," "$PROVISIONING/image.sh" >"$LAB_RUN/image-unsigned.sh"
	! "$LAB" image "$LAB_RUN/image-unsigned" sh -euc "$(cat "$LAB_RUN/image-unsigned.sh")" >"$LAB_RUN/image.log" 2>&1 ||
		wrong "it installs without a key"
	grep -qE 'NO_PUBKEY|Missing key|is not signed|unsupported filetype' "$LAB_RUN/image.log" || wrong "$(tail -n 5 "$LAB_RUN/image.log")"
	[ ! -e "$LAB_RUN/image-unsigned/upper/usr/sbin/cmonha-ui" ] || wrong "the package is installed"
}

clones_serve() {
	local node
	reinstall_all "$IMAGE"
	for node in "${NODES[@]}"; do
		serves "$node" 30
		node_exec "$node" test ! -e /var/lib/cmonha-ui/setup-pending || wrong "$node: the flag is still there"
		[ "$(node_exec "$node" cat /var/lib/cmonha-ui/node)" = "$node" ] || wrong "$node took another node's section"
	done
	page_of_leader 20 || wrong "the VIP does not show the leader's page"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
	[ "$(for node in "${NODES[@]}"; do node_exec "$node" cat /etc/cmonha-ui/stats.passwords; done | grep -v '^#' | sort | uniq -d | wc -l)" = 0 ] ||
		wrong "clones share a password"
}

# The %post section of kickstart.cfg with stand-ins for what only Enterprise Linux has: dnf installs this suite's package.
KICKSTART=$LAB_RUN/kickstart
kickstart_post() {
	local node=cc3 words
	signed_copy "$PROVISIONING/kickstart.cfg" | sed -n '/^%post/,/^%end/{/^%/!p}' >"$LAB_RUN/post"
	[ -s "$LAB_RUN/post" ] || wrong "there is no %post section"
	"$LAB" image "$KICKSTART" sh -euc "mkdir -p /etc/pki/rpm-gpg /etc/yum.repos.d
		mkdir -p /etc/selinux && echo SELINUX=enforcing >/etc/selinux/config
		for name in rpm firewall-offline-cmd semodule setsebool; do
			printf '#!/bin/sh\necho \${0##*/} \"\$*\" >>/root/called\n' >/usr/local/bin/\$name
		done
		printf '#!/bin/sh\napt-get update -q && exec apt-get -y install cmonha-ui\n' >/usr/local/bin/dnf
		chmod 0755 /usr/local/bin/*
		cat >/root/post <<'POST-END'
$(cat "$LAB_RUN/post")
POST-END
PATH=/usr/local/bin:\$PATH sh /root/post" >"$LAB_RUN/post.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/post.log")"
	grep -q 'cmonha-ui-setup.service applies the file as soon as it has one' "$LAB_RUN/post.log" || wrong "$(tail -n 15 "$LAB_RUN/post.log")"
	for words in 'semodule -n -i /usr/share/selinux/packages/cmonha_ui.pp' 'setsebool -P haproxy_connect_any on' 'rpm --import /etc/pki'; do
		grep -qF -- "$words" "$KICKSTART/upper/root/called" || wrong "not called: $words: $(cat "$KICKSTART/upper/root/called")"
	done
	"$LAB" power-off "$node" >/dev/null
	"$LAB" reinstall "$node" "$KICKSTART"
	"$LAB" boot "$node"
	serves "$node" 30
	node_exec "$node" test ! -e /var/lib/cmonha-ui/setup-pending || wrong "the flag is still there"
	page_of_leader 20 || wrong "the VIP does not show the leader's page"
}

t_run "debconf preseed, three new machines: the leader at the VIP within 60 s" preseeded
t_run "a signed repository is served" signed_repository
t_run "an image is made in a chroot without systemd and address" image_is_made
t_run "the image needs the repository's key" image_needs_the_key
t_run "three machines cloned from it: configured at their first boot" clones_serve
t_run "kickstart's %post in a chroot without systemd: configured at the first boot" kickstart_post
signed_end
