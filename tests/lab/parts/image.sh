# shellcheck shell=bash
#
# Nodes that are installed by an image instead of by hand. Sourced by ../lab.

# image DIR CMD...: what CMD changes in a fresh Debian root is kept below DIR. No service manager and no /dev but a few
# nodes, as in a chroot of an installer; the network is the client's. DIR is below $LAB_RUN, which is a tmpfs.
cmd_image() {
	local dir=${1:?DIR}
	shift
	mkdir -p "$dir/upper" "$dir/work" "$dir/root"
	# shellcheck disable=SC2016 # for the inner shell
	nsenter --net="/run/netns/${LAB_NS}client" -- unshare --mount --pid --uts --ipc --fork sh -euc '
		dir=$1 lower=$2 repo=$3
		shift 3
		hostname image
		mount -t overlay image -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
		mount -t proc proc "$dir/root/proc"
		mount -t tmpfs -o mode=755 dev "$dir/root/dev"
		for node in null zero random urandom tty; do touch "$dir/root/dev/$node"; mount --bind "/dev/$node" "$dir/root/dev/$node"; done
		mount -t tmpfs -o mode=755 run "$dir/root/run"
		mount --bind "$repo" "$dir/root/srv/repo"
		exec chroot "$dir/root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
	' image "$dir" "$(cache)/root" "$LAB_RUN/repo/$(suite)" "$@"
}

# reinstall NODE [DIR]: a node that is off becomes another machine, with the disk that `image DIR` made, or an empty one.
cmd_reinstall() {
	local node=${1:?NODE} disk
	check_node "$node"
	! node_on "$node" || die "$node: is on"
	wait_until 20 nspawn_gone "$node" || die "$node: is still going down"
	disk=$(node_dir "$node")/disk
	rm -rf "$disk/upper" "$disk/work"
	mkdir "$disk/upper" "$disk/work"
	[ -z "${2:-}" ] || cp -a "$2/upper/." "$disk/upper/"
	write_node "$node"
}
