# shellcheck shell=bash
# conf/provisioning/cloud-init.yaml as user data of the real cloud-init (NoCloud), at the first boot of three machines. The file
# is as it is, but for the repository's URL and key.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"
# shellcheck source=signed.sh
. "$LAB_DIR/cases/signed.sh"

CLOUD=$LAB_RUN/cloud
SEED=/var/lib/cloud/seed/nocloud

# The image of a provider: cloud-init, and nothing of this package.
image_with_cloud_init() {
	"$LAB" fetch cloud-init
	signed_copy "$PROVISIONING/cloud-init.yaml" >"$LAB_RUN/user-data"
	"$LAB" image "$CLOUD" sh -euc "apt-get update -q
		apt-get install -y -q --no-install-recommends cloud-init
		echo 'datasource_list: [NoCloud]' >/etc/cloud/cloud.cfg.d/90-lab.cfg
		# The lab has configured the network; the sources of Debian's mirrors are not those of the lab.
		printf 'network: {config: disabled}\napt_preserve_sources_list: true\npreserve_hostname: true\nmanage_etc_hosts: false\n' >>/etc/cloud/cloud.cfg.d/90-lab.cfg
		# Neither sshd nor locales are in the lab's root.
		printf 'ssh_genkeytypes: []\nlocale: false\n' >>/etc/cloud/cloud.cfg.d/90-lab.cfg
		mkdir -p $SEED
		cat >$SEED/user-data <<'SEED-END'
$(cat "$LAB_RUN/user-data")
SEED-END" >"$LAB_RUN/cloud.log" 2>&1 || wrong "$(tail -n 15 "$LAB_RUN/cloud.log")"
}

reinstall_all() {
	local node
	for node in "${NODES[@]}"; do if node_on "$node"; then "$LAB" power-off "$node" >/dev/null; fi; done
	for node in "${NODES[@]}"; do
		"$LAB" reinstall "$node" "$CLOUD"
		printf 'instance-id: %s\n' "$node" >"$(node_dir "$node")/disk/upper$SEED/meta-data"
	done
	for node in "${NODES[@]}"; do "$LAB" boot "$node" --no-wait; done
}

# The last node has another address at first, by which it reaches the repository; that of the cluster comes later.
first_boot() {
	local node late=cc3 since address
	address=$(node_address "$late")
	now_us
	since=$NOW_US
	reinstall_all
	# In this order: with the first address of a subnet the kernel removes the others.
	ip -n "$LAB_NS$late" address del "$address/24" dev eth1
	ip -n "$LAB_NS$late" address add "$LAB_NET.53/24" dev eth1
	for node in "${NODES[@]}"; do "$LAB" boot-wait "$node"; done
	for node in "${NODES[@]}"; do
		wait_until 120 node_exec "$node" cloud-init status --wait || wrong "$node: $(node_exec "$node" tail -n 20 /var/log/cloud-init-output.log)"
	done
	for node in cc1 cc2; do serves "$node"; done
	page_of_leader 20 || wrong "the VIP does not show the leader's page"
	now_us
	printf '      from power on to the leader at the VIP: %d ms\n' $(((NOW_US - since) / 1000))
	node_exec "$late" test -e /var/lib/cmonha-ui/setup-pending || wrong "$late was configured without its address"
	ip -n "$LAB_NS$late" address add "$address/24" dev eth1
	# systemd has given up to start the simulated controller, which binds to its address.
	node_exec "$late" systemctl reset-failed cmon.service
	node_exec "$late" systemctl start cmon.service
	serves "$late"
}

as_it_should_be() {
	local node status
	for node in "${NODES[@]}"; do
		node_exec "$node" apt-cache policy cmonha-ui | grep -q "$WEB_URL/good/apt" || wrong "$node: not from the signed repository: $(node_exec "$node" apt-cache policy cmonha-ui; node_exec "$node" tail -n 30 /var/log/cloud-init-output.log)"
		# The last one did not have its address then, and says so.
		[ "$node" = cc3 ] && status='no node has an address of this host' || status='status: '
		node_exec "$node" grep -q "$status" /var/log/cloud-init-output.log ||
			wrong "$node: the log does not have \"$status\": $(node_exec "$node" tail -n 15 /var/log/cloud-init-output.log)"
		! node_exec "$node" grep -E 'WARNING.*(Failed|failed)' /var/log/cloud-init.log || wrong "$node: cloud-init complains"
	done
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

t_run "a signed repository is served" signed_repository
t_run "an image with Debian's cloud-init" image_with_cloud_init
t_run "cloud-init, three machines at their first boot, one with a late address" first_boot
t_run "the package is from the signed repository, the status in cloud-init's log" as_it_should_be
signed_end
