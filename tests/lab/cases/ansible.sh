# shellcheck shell=bash
# The role of conf/provisioning/ansible by Debian's ansible-core over ssh, against three new machines.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"
# shellcheck source=signed.sh
. "$LAB_DIR/cases/signed.sh"

ANSIBLE=$LAB_RUN/ansible

# What a fleet has anyway: ssh with the control machine's key, and a host key that it knows.
nodes_have_ssh() {
	local node
	"$LAB" fetch openssh-server python3-apt
	mkdir -p "$ANSIBLE"
	cp -r "$PROVISIONING/ansible/." "$ANSIBLE"
	[ -e "$ANSIBLE/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$ANSIBLE/key"
	for node in "${NODES[@]}"; do
		LAB_PACKAGE='openssh-server python3-apt' "$LAB" install "$node"
		"$LAB" copy "$ANSIBLE/key.pub" "$node:/root/.ssh/authorized_keys"
		node_exec "$node" systemctl start ssh.service
		printf '%s %s\n' "$(node_address "$node")" "$(node_exec "$node" cat /etc/ssh/ssh_host_ed25519_key.pub)"
	done >"$ANSIBLE/known_hosts"
	sed "s,https://packages.example.net/cmonha-ui,$WEB_URL/good,; s,^cmonha_ui_key=.*,cmonha_ui_key=$WEB/good/cmonha-ui.asc," \
		"$PROVISIONING/ansible/inventory.ini" >"$ANSIBLE/inventory.ini"
}

# play WORDS...: on the client; the output in $ANSIBLE/log.
play() {
	node_exec client env -C "$ANSIBLE" HOME="$ANSIBLE" ANSIBLE_LOCAL_TEMP="$ANSIBLE/tmp" ANSIBLE_NOCOLOR=1 ANSIBLE_NOCOWS=1 \
		ANSIBLE_SSH_CONTROL_PATH_DIR="$ANSIBLE/cp" ANSIBLE_PIPELINING=1 \
		ANSIBLE_SSH_ARGS="-o UserKnownHostsFile=$ANSIBLE/known_hosts -o GlobalKnownHostsFile=/dev/null -o ControlMaster=no" \
		ansible-playbook -i inventory.ini --user root --private-key "$ANSIBLE/key" site.yml "$@" >"$ANSIBLE/log" 2>&1 </dev/null
}
# recap NODE: its line, as words: ok=… changed=… failed=…
recap() { sed -n "/^PLAY RECAP/,\$s/^$1 *: //p" "$ANSIBLE/log"; }
played() { play "$@" || wrong "$(grep -E '^(fatal|ERROR|failed)|FAILED' "$ANSIBLE/log" | head -n 5; tail -n 5 "$ANSIBLE/log")"; }

follow() { probe follow --all --seconds 600 >"$LAB_RUN/history" & history=$!; }
follow_end() { kill "$history"; wait "$history" || true; [ -s "$LAB_RUN/history" ] || wrong "nothing was asked"; }
# In a row at most, in ms: from the first to the last try that was not answered with the leader's page, 0 for none.
longest_outage() {
	awk '/status=200/ && !/role=follower/ { bad = 0; next } { if (!bad) bad = $1; if ($2 - bad > longest) longest = $2 - bad }
		END { printf "%d\n", longest }' "$LAB_RUN/history"
}
outages() { awk '/status=200/ { bad = 0; next } !bad { bad = 1; n++ } END { print n + 0 }' "$LAB_RUN/history"; }

first_run() {
	local node since
	for node in "${NODES[@]}"; do
		node_exec "$node" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get purge -y -q cmonha-ui' >/dev/null 2>&1
	done
	now_us
	since=$NOW_US
	played
	now_us
	printf '      three nodes, one after the other: %d ms\n' $(((NOW_US - since) / 1000))
	page_of_leader
	for node in "${NODES[@]}"; do
		recap "$node" | grep -q 'failed=0' || wrong "$node: $(recap "$node")"
		node_exec "$node" apt-cache policy cmonha-ui | grep -q "$WEB_URL/good/apt" || wrong "$node: not from the signed repository"
	done
	[ "$(for node in "${NODES[@]}"; do node_exec "$node" md5sum /etc/cmonha-ui/cluster.conf; done | sort -u | wc -l)" = 1 ] ||
		wrong "the nodes have different files"
}

second_run_changes_nothing() {
	local node
	played
	for node in "${NODES[@]}"; do
		recap "$node" | grep -q 'changed=0 .*failed=0' || wrong "$node: $(recap "$node"); $(grep ^changed: "$ANSIBLE/log")"
	done
}

# Another interval of the checks and a second forward, node by node, while a client asks all the time.
change_rolls() {
	local node history
	page_of_leader
	follow
	played --extra-vars '{"cmonha_ui_forward": "81:80, 82:80", "cmonha_ui_settings": {"check": {"interval": "300ms"}}}'
	follow_end
	for node in "${NODES[@]}"; do
		recap "$node" | grep -q 'changed=2 .*failed=0' || wrong "$node: $(recap "$node")"
		node_exec "$node" ss -Htln 'sport = :82' | grep -q . || wrong "$node does not listen on port 82"
	done
	printf '      interrupted %s times, %s ms at most\n' "$(outages)" "$(longest_outage)"
	! grep -q 'role=follower' "$LAB_RUN/history" || wrong "a follower was shown"
	[ "$(outages)" -le 1 ] || wrong "more than one failover"
	[ "$(longest_outage)" -le 1500 ] || wrong "a failover took too long"
	wait_until 5 one_holder || wrong "the VIP is on: $(vip_holders | xargs)"
}

# From a vault: a password that works on every node, is nowhere to be read, and is left alone by the next run.
same_passwords() {
	local node password='pa ss"w#rd'
	printf '{"cmonha_ui_passwords": {"admin": "%s", "stats": "view-it"}}' "${password//\"/\\\"}" >"$ANSIBLE/vault.json"
	played --extra-vars @vault.json --diff
	! grep -qF -e 'pa ss' -e view-it "$ANSIBLE/log" || wrong "the output shows a password"
	for node in "${NODES[@]}"; do
		[ "$(node_exec "$node" stat -c '%a %U' /etc/cmonha-ui/stats.passwords)" = '600 root' ] || wrong "$node: others may read the passwords"
		node_exec client curl -sf -u "admin:$password" "http://$(node_address "$node"):9600/" | grep -q "<h1" ||
			wrong "$node refuses the password"
	done
	played --extra-vars @vault.json
	for node in "${NODES[@]}"; do recap "$node" | grep -q 'changed=0 .*failed=0' || wrong "$node: $(recap "$node")"; done
}

# not_played WORDS VARS: refused with these words, for the variables given as JSON.
not_played() {
	! play ${2:+--extra-vars "$2"} || wrong "it is accepted: ${2:-$1}"
	grep -q "$1" "$ANSIBLE/log" || wrong "$1 is not named: $(grep -E '^(fatal|failed|ERROR)' "$ANSIBLE/log" | head -n 3)"
}

# Each by its own name, before any node is changed; what the role does not know is refused by the package's own program.
wrong_is_named() {
	local variable before
	before=$(for node in "${NODES[@]}"; do node_exec "$node" md5sum /etc/cmonha-ui/cluster.conf; done)
	not_played 'cmonha_ui_vip: the virtual IP' '{"cmonha_ui_vip": "the address"}'
	not_played 'cmonha_ui_forward: must be LISTEN:PORT' '{"cmonha_ui_forward": "81"}'
	not_played 'cmonha_ui_settings: may have the sections' '{"cmonha_ui_settings": {"clutser": {"virtual_router_id": 7}}}'
	not_played 'cmonha_ui_passwords: must have the users' '{"cmonha_ui_passwords": {"admin": "x"}}'
	not_played 'cmonha_ui_hosts: .* does not have cc1' '{"cmonha_ui_hosts": ["cc2", "cc3"]}'
	not_played 'virtual_router: unknown key' '{"cmonha_ui_settings": {"cluster": {"virtual_router": 7}}}'
	for variable in cmonha_ui_key cmonha_ui_repository; do
		sed -i.kept "/^$variable=/d" "$ANSIBLE/inventory.ini"
		not_played "$variable: the .* is required" ''
		mv "$ANSIBLE/inventory.ini.kept" "$ANSIBLE/inventory.ini"
	done
	[ "$(for node in "${NODES[@]}"; do node_exec "$node" md5sum /etc/cmonha-ui/cluster.conf; done)" = "$before" ] || wrong "a node was changed"
	page_of_leader
}

t_run "a signed repository is served" signed_repository
t_run "three machines with ssh" nodes_have_ssh
t_run "ansible: installs from the signed repository, the leader is at the VIP" first_run
t_run "ansible: the second run changes nothing" second_run_changes_nothing
t_run "ansible: a changed cluster file rolls node by node, under load" change_rolls
t_run "ansible: passwords from a vault are the same on every node, and shown nowhere" same_passwords
t_run "ansible: wrong variables are refused, each by its own name" wrong_is_named
signed_end
