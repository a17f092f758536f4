# shellcheck shell=bash
#
# What this machine must be able to do, and the cached Debian root and package repository that all nodes share.
# Sourced by ../lab.

# ---------------------------------------------------------------- the machine

check_machine() {
	local tool
	[ "$(id -u)" = 0 ] || die "needs root"
	for tool in systemd-nspawn mmdebstrap apt-ftparchive ip nft nsenter unshare flock setsid python3; do
		have "$tool" || die "$tool is missing: apt-get install systemd-container mmdebstrap apt-utils iproute2 nftables util-linux python3"
	done
	unshare --mount true 2>/dev/null || die "this machine lets root make no mount namespace (a container without privileges?)"
	check_cgroup2 || die "this machine cannot mount cgroup2 or lets no group be made in it (a container without privileges?)"
	check_overlay || die "this machine cannot mount overlayfs on tmpfs"
	check_netns || die "this machine lets root make no network namespace or no bridge in one"
}

check_cgroup2() { unshare --mount "$BASH" "$LAB" __cgroup 2>/dev/null; }

# In a mount namespace of its own: /sys/fs/cgroup is cgroup2 afterwards. Where it is already, a second mount at the same
# place is refused by the kernel, and not needed.
own_cgroup2() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mkdir -p "$GROUP"
}

check_overlay() {
	unshare --mount sh -c 'mount -t tmpfs none /mnt && cd /mnt && mkdir l u w m &&
		mount -t overlay none -o lowerdir=l,upperdir=u,workdir=w m && touch m/x' 2>/dev/null
}

check_netns() {
	unshare --net sh -c 'ip link add br0 type bridge && ip link add v1 type veth peer name v2 && ip link set v1 master br0' 2>/dev/null
}

# ---------------------------------------------------------------- the cache: a root and a package repository for each suite

# What the root has, and what the nodes must be able to install besides. The root has none of ours or of what ours pulls
# in: the tests look whether apt does, and whether a purge leaves a trace.
ROOT_PACKAGES='systemd systemd-sysv dbus iproute2 procps python3 openssl curl netbase debconf apt-utils'
REPO_PACKAGES='haproxy keepalived xinetd libcurl4 libjansson4 libssl3 ucf adduser strace'
ROOT_VERSION=1 # to be raised when fit_root or download_debs change

# shellcheck disable=SC1091
machine_suite() { (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}"); }

# The Debian suite of the nodes, or "el": see el.sh.
suite() {
	[ -n "${LAB_SUITE:-}" ] || LAB_SUITE=$(machine_suite)
	[ -n "$LAB_SUITE" ] || die "which Debian suite? set LAB_SUITE"
	printf '%s\n' "$LAB_SUITE"
}

is_el() { [ "$(suite)" = el ]; }

# The Debian suite that the root is made from.
debian_suite() { if is_el; then machine_suite; else suite; fi; }

cache_key() {
	{
		printf '%s\n' "$ROOT_VERSION" "$ROOT_PACKAGES" "$REPO_PACKAGES" "$(suite)" "$(dpkg --print-architecture)"
		! is_el || el_key
	} | sha256sum | cut -c1-12
}

cache() { printf '%s\n' "$LAB_CACHE/$(cache_key)"; }

cached() { [ -e "$(cache)/complete" ]; }

prepare() {
	[ "${1:-}" != --fresh ] || rm -rf "$(cache)"
	cached && return
	check_machine
	mkdir -p "$LAB_CACHE"
	exec {prepare_lock}<"$LAB_CACHE"
	flock --nonblock "$prepare_lock" || { say "waiting for another lab prepare ..."; flock "$prepare_lock"; }
	cached || build_cache
	exec {prepare_lock}<&-
}

build_cache() {
	local dir work start
	now_us
	start=$NOW_US
	dir=$(cache)
	work=$LAB_CACHE/new
	trap 'remove_tree "$LAB_CACHE/new"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	say "Building the lab's root ($(suite)), once: about a minute ..."
	remove_tree "$work"
	mkdir -p "$work/repo"
	sources_list >"$work/sources.list" || die "this machine's apt has no Debian source for $(suite) (apt-get update?)"
	apt_options >"$work/apt.conf"
	if ! (set -o pipefail; make_root "$work" 2>&1 | tee "$LAB_CACHE/log" | sed -un '/--customize-hook/d; s/^I: /  /p' >&2); then
		tail -n 20 "$LAB_CACHE/log" >&2
		die "mmdebstrap failed; its log: $LAB_CACHE/log"
	fi
	! is_el || el_without_apt "$work/root"
	index_repo "$work/repo"
	: >"$work/complete"
	remove_old_caches "$(suite)"
	mv "$work" "$dir"
	trap - EXIT INT TERM HUP
	now_us
	say "Done in $(((NOW_US - start) / 1000000)) s: $dir"
}

# In a mount namespace of its own: interrupted, mmdebstrap would leave /proc, /sys and /dev of the new root mounted.
# shellcheck disable=SC2016 # the hooks' variables are for the shell that mmdebstrap starts
make_root() {
	LAB="$LAB" LAB_REPO="$1/repo" unshare --mount mmdebstrap --mode=root --variant=minbase --format=directory --aptopt="$1/apt.conf" \
		--include="$(root_packages)" \
		--customize-hook='"$LAB" __download "$1"' --customize-hook='"$LAB" __fit "$1"' \
		"$(debian_suite)" "$1/root" "$1/sources.list" </dev/null
}

root_packages() {
	local packages=$ROOT_PACKAGES
	! is_el || packages="$ROOT_PACKAGES $EL_ROOT_PACKAGES"
	printf '%s\n' "${packages// /,}"
}

# The first line tells for what suite a cached root was made.
sources_list() {
	! is_el || printf '# For the root of the suite el\n'
	debian_sources
}

# The suite's sources on the mirrors of this machine's own Debian sources, whatever the format of the files they are written
# in. Another suite than the machine's is looked for on the same mirrors; the machine's apt configuration stays as it is.
debian_sources() {
	local found
	found=$(list_sources "$(debian_suite)")
	[ -n "$found" ] || found=$(other_sources)
	if [ -z "$found" ]; then
		apt-get update >/dev/null
		found=$(list_sources "$(debian_suite)")
		[ -n "$found" ] || found=$(other_sources)
	fi
	[ -n "$found" ] && printf '%s\n' "$found"
}

# list_sources SUITE: those that this machine has of it.
list_sources() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
		awk -v suite="$1" '
			$1 == "Debian" && $2 == "Packages" && $4 ~ "^" suite "(-updates|-security)?$" && $5 == "main" && !seen[$0]++ {
				print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $3, $4, $5
			}'
}

# The machine's sources with the wanted suite's name, as far as the mirrors have them: unstable has no -security.
other_sources() {
	local own deb signed uri release component wanted
	own=$(machine_suite)
	[ -n "$own" ] || return 0
	while read -r deb signed uri release component; do
		wanted=$(debian_suite)${release#"$own"}
		if mirror_has "$uri" "$wanted"; then printf '%s\n' "$deb $signed $uri $wanted $component"; fi
	done < <(list_sources "$own")
}

mirror_has() {
	local file found=0
	file=$(mktemp)
	/usr/lib/apt/apt-helper download-file "${1%/}/dists/$2/InRelease" "$file" >/dev/null 2>&1 || found=1
	rm -f "$file" "$file.FAILED"
	return "$found"
}

# How this machine reaches its mirror (proxies, checks that it leaves out) holds for the root's making too.
apt_options() { apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|Force)' || true; }

# Hook of mmdebstrap: root directory in $1. What the nodes will install is fetched with the root's own package state, so
# that it is exactly what is missing there.
download_debs() {
	local repo=${LAB_REPO:?} packages
	if is_el; then
		el_packages "$1" "$repo"
		return
	fi
	read -ra packages <<<"$REPO_PACKAGES"
	APT_CONFIG=${MMDEBSTRAP_APT_CONFIG:?} apt-get --yes --no-install-recommends --download-only \
		-o Dir::Cache::archives="$repo" -o APT::Keep-Downloaded-Packages=true install "${packages[@]}"
	rm -rf "$repo/partial" "$repo/lock"
}

# fetch PACKAGE...: these, and what they need besides the root, join what the nodes can install; downloaded once.
cmd_fetch() {
	local dir
	dir=$LAB_CACHE/debs-$(suite)/$(printf '%s\n' "$(cache_key)" "$*" | sha256sum | cut -c1-12)
	if [ ! -e "$dir/complete" ]; then
		mkdir -p "$dir/partial" "$dir/state"
		APT_CONFIG=$(cache)/apt.conf apt-get --yes --quiet --no-install-recommends --download-only \
			-o Dir::Etc::sourcelist="$(cache)/sources.list" -o Dir::Etc::sourceparts=/dev/null \
			-o Dir::State::status="$(cache)/root/var/lib/dpkg/status" -o Dir::Cache="$dir/state" -o Dir::Cache::archives="$dir" \
			-o Debug::NoLocking=1 -o APT::Keep-Downloaded-Packages=true install "$@" >"$dir/log" 2>&1 ||
			die "cannot fetch $*: $(tail -n 3 "$dir/log")"
		: >"$dir/complete"
	fi
	cmd_publish "$dir"/*.deb
}

# Hook of mmdebstrap: makes the root a node's. Timers of apt and the like have nothing to do here and only make noise.
fit_root() {
	local root=$1 unit
	rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/sources.list.d/*
	echo 'deb [trusted=yes] file:/srv/repo ./' >"$root/etc/apt/sources.list"
	! is_el || el_fit_root "$root"
	mkdir -p "$root/srv/repo" "$root/opt/cmon-sim" "$root/var/log/journal" "$root/etc/systemd/journald.conf.d"
	printf '[Journal]\nSystemMaxUse=64M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
		fstrim.timer console-getty.service getty@.service systemd-modules-load.service dev-hugepages.mount; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
	: >"$root/etc/resolv.conf"
	rm -f "$root/etc/machine-id" "$root/etc/hostname"
	touch "$root/etc/.updated" "$root/var/.updated"
}

index_repo() {
	if is_el; then
		createrepo_c --quiet "$1"
	else
		(cd "$1" && apt-ftparchive packages . >Packages.new && mv Packages.new Packages)
	fi
}

# remove_old_caches SUITE: made with other packages; those of other suites stay.
remove_old_caches() {
	local old
	for old in "$LAB_CACHE"/*/; do
		if [ ! -e "$old/complete" ] || [ "$old" = "$LAB_CACHE/new/" ]; then continue; fi
		[ "$(awk 'NR == 1 { print $1 == "#" ? $NF : $4 }' "$old/sources.list")" != "$1" ] || remove_tree "$old"
	done
}

# Never through a mount point: a half-made root may still have /proc in it.
remove_tree() { [ ! -e "$1" ] || rm -rf --one-file-system "$1"; }

# ---------------------------------------------------------------- other roots: to build in, to try other versions in

# plain_root KIND SUITE VARIANT PACKAGE...: the directory of a cached Debian root of that suite with these packages, made by
# mmdebstrap when it is not there yet. KIND tells roots of one suite apart: a root that was made for the same KIND and SUITE
# with other packages is removed. FRESH=1 makes it again. LAB_FOREIGN: another architecture that it can have packages of.
plain_root() {
	local kind=$1 LAB_SUITE=$2 variant=$3 dir lock
	shift 3
	dir=$LAB_CACHE/$kind-$LAB_SUITE/$(printf '%s\n' "$ROOT_VERSION" "$variant" "${LAB_FOREIGN:-}$*" | sha256sum | cut -c1-12)
	if [ ! -e "$dir/complete" ] || [ "${FRESH:-}" = 1 ]; then
		mkdir -p "$LAB_CACHE/$kind-$LAB_SUITE"
		exec {lock}<"$LAB_CACHE/$kind-$LAB_SUITE"
		flock "$lock"
		if [ ! -e "$dir/complete" ] || [ "${FRESH:-}" = 1 ]; then make_plain_root "$dir" "$variant" "$@"; fi
		exec {lock}<&-
	fi
	printf '%s\n' "$dir/root"
}

make_plain_root() {
	local dir=$1 variant=$2 start packages
	shift 2
	packages=$*
	now_us
	start=$NOW_US
	say "Building a Debian root ($LAB_SUITE: $packages), once ..."
	remove_tree "${dir%/*}"
	mkdir -p "$dir"
	debian_sources >"$dir/sources.list" || die "this machine's mirrors have no $LAB_SUITE"
	apt_options >"$dir/apt.conf"
	unshare --mount mmdebstrap --mode=root --variant="$variant" --format=directory --aptopt="$dir/apt.conf" \
		--architectures="$(dpkg --print-architecture)${LAB_FOREIGN:+,$LAB_FOREIGN}" --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="${packages// /,}" "$LAB_SUITE" "$dir/root" "$dir/sources.list" </dev/null >"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die "mmdebstrap failed; its log: $dir/log"
	}
	: >"$dir/complete"
	now_us
	say "Done in $(((NOW_US - start) / 1000000)) s: $dir"
}
