# shellcheck shell=bash
# The package's questions, answered at a terminal: wrong answers are asked again, dpkg-reconfigure begins with the file.
# shellcheck source=common.sh
. "$LAB_DIR/cases/common.sh"

ASKED=cc3
CONFIG=/etc/cmonha-ui/cluster.conf
NODE_LIST='cc1=10.0.0.101, cc2=10.0.0.102, cc3=10.0.0.103'

# typed COMMAND...: at a terminal of the node, with the lines of the standard input as answers; all of it in $LAB_RUN/typed.
typed() {
	"$LAB_DIR/typed" "$LAB" exec "$ASKED" env DEBIAN_FRONTEND=teletype DEBIAN_PRIORITY="${PRIORITY:-high}" TERM=dumb "$@" \
		>"$LAB_RUN/typed" 2>&1 || wrong "$(tail -n 20 "$LAB_RUN/typed")"
}
said() { tr -d '\r' <"$LAB_RUN/typed" | tr -s '\n ' ' ' | grep -qF -- "$1" || wrong "it does not say: $1: $(cat "$LAB_RUN/typed")"; }
on_node() { node_exec "$ASKED" "$@"; }
purge() { on_node env DEBIAN_FRONTEND=noninteractive apt-get purge -y -q cmonha-ui >/dev/null 2>&1; }

# Each refusal gives its reason; the third time all is right.
asked_again() {
	purge
	typed apt-get install -y -q cmonha-ui <<-END
		10.0.0.300/24
		$NODE_LIST
		81:80
		$LAB_VIP/24
		cc1=10.0.0.101, cc2
		81:80
		$LAB_VIP/24
		$NODE_LIST
		81:80
	END
	said '"10.0.0.300/24" is not an IPv4 or IPv6 address'
	said 'These answers cannot be used'
	on_node grep -qx "vip = $LAB_VIP/24" "$CONFIG" || wrong "$(on_node cat "$CONFIG")"
	serves "$ASKED"
}

# The file, and not what debconf remembers. Without a terminal nothing is asked, and nothing changes.
file_comes_back() {
	local before
	on_node sed -i 's/^forward = .*/forward = 83:80/' "$CONFIG"
	on_node cmonha-ui apply
	before=$(on_node md5sum "$CONFIG")
	on_node env DEBIAN_FRONTEND=noninteractive dpkg-reconfigure cmonha-ui >/dev/null 2>&1
	on_node debconf-show cmonha-ui >"$LAB_RUN/answers"
	grep -q 'cmonha-ui/forward: 83:80' "$LAB_RUN/answers" || wrong "$(cat "$LAB_RUN/answers")"
	grep -q "cmonha-ui/nodes: $NODE_LIST" "$LAB_RUN/answers" || wrong "$(cat "$LAB_RUN/answers")"
	[ "$(on_node md5sum "$CONFIG")" = "$before" ] || wrong "the same answers changed the file"
	on_node test ! -e "$CONFIG.dpkg-old" || wrong "there is a copy of a file that was not changed"
	serves "$ASKED"
}

changed_answer_is_applied() {
	PRIORITY=low typed dpkg-reconfigure cmonha-ui <<-END
		$LAB_VIP/24
		$NODE_LIST
		81:80, 82:80
		yes
	END
	on_node grep -qx 'forward = 81:80, 82:80' "$CONFIG" || wrong "$(cat "$LAB_RUN/typed")"
	on_node grep -qx 'forward = 83:80' "$CONFIG.dpkg-old" || wrong "there is no copy of the file before"
	on_node ss -Htln 'sport = :82' | grep -q . || wrong "it was not applied"
	serves "$ASKED"
}

# What the questions do not cover would be lost.
other_settings_stay() {
	local before
	on_node sed -i 's/^\[check\]$/&\ninterval = 300ms/' "$CONFIG"
	on_node cmonha-ui apply
	before=$(on_node md5sum "$CONFIG")
	PRIORITY=low typed dpkg-reconfigure cmonha-ui </dev/null
	said 'has settings that are not asked for, and was not changed'
	[ "$(on_node md5sum "$CONFIG")" = "$before" ] || wrong "the file was changed"
	serves "$ASKED"
}

as_the_others() {
	purge
	"$LAB" copy "$LAB_RUN/cluster.conf" "$ASKED:$CONFIG"
	"$LAB" install "$ASKED"
	serves "$ASKED"
}

t_run "debconf: wrong answers are asked again, with the reason, until they can be used" asked_again
t_run "dpkg-reconfigure: the answers are those of the file, and nothing changes" file_comes_back
t_run "dpkg-reconfigure: a changed answer is written and applied, the file before is kept" changed_answer_is_applied
t_run "dpkg-reconfigure: a file with other settings is not changed, and that is said" other_settings_stay
t_run "the node is as the others again" as_the_others
