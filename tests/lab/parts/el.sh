# shellcheck shell=bash
#
# A node like Enterprise Linux, as far as a Debian machine can make one (LAB_SUITE=el). Sourced by ../lab.
#
# It has rpm and dnf and neither dpkg nor apt; presets that disable every service; HAProxy and keepalived under EL's unit
# names, with its sysconfig files and its active sample configurations. It has neither SELinux nor xinetd, and programs,
# systemd and libraries are Debian's. HAProxy and keepalived are RPM packages in the nodes' repository, made by ../el/*.spec
# around Debian's programs; el-base is installed and provides what the root has otherwise.

EL_ROOT_PACKAGES='rpm dnf passwd diffutils libcurl4 libjansson4 haproxy keepalived'
EL_VERSION=1 # to be raised when the functions here change

# What makes a cached root another one.
el_key() { printf '%s\n' "$EL_VERSION" "$EL_ROOT_PACKAGES"; cat "$LAB_DIR"/el/*.spec; }

# Hook of mmdebstrap: the stand-in packages, from the programs of ROOT, into REPO; then the root loses its Debian packages
# of the two, and has their libraries still.
el_packages() {
	local root=$1 repo=$2 top program
	have rpmbuild || die "rpmbuild is missing: tests/setup repo"
	top=$(mktemp -d)
	el_provides "$root" >"$top/provides"
	for program in haproxy keepalived; do
		el_build "$top" "$program" "program $root/usr/sbin/$program" "our_version $(el_version "$root" "$program")"
	done
	el_build "$top" el-base "provides $top/provides"
	cp "$top"/RPMS/*/haproxy-*.rpm "$top"/RPMS/*/keepalived-*.rpm "$repo/"
	chroot "$root" dpkg --purge --force-depends haproxy keepalived
	rpm --root "$root" --dbpath /var/lib/rpm --install --nodeps --force-debian --nosignature "$top"/RPMS/*/el-base-*.rpm
	rm -rf "$top"
}

# el_build TOP NAME MACRO...
el_build() {
	local top=$1 name=$2 macro options=()
	shift 2
	for macro; do options+=(--define "$macro"); done
	rpmbuild -bb --load "$LAB_DIR/../../rpm/debian.macros" --define "_topdir $top" "${options[@]}" "$LAB_DIR/el/$name.spec" >"$top/log" 2>&1 ||
		{ cat "$top/log"; die "rpmbuild fails for $name"; }
}

# shellcheck disable=SC2016 # dpkg's variable
el_version() { chroot "$1" dpkg-query -W -f '${Version}' "$2" | sed 's/^[0-9]*://; s/-.*//'; }

# The libraries that our package needs, by rpm's own words for them, and names of packages.
el_provides() {
	local library
	for library in libc.so.6 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 libcrypt.so.1 libcrypto.so.3 libcurl.so.4 libjansson.so.4; do
		find "$1"/lib/*-linux-gnu* "$1"/usr/lib/*-linux-gnu* "$1"/lib64 -maxdepth 1 -name "$library" 2>/dev/null
	done | xargs -r readlink -f | sort -u | /usr/lib/rpm/elfdeps --provides
	printf '%s\n' /bin/sh /usr/sbin/useradd diffutils iproute setup shadow-utils systemd 'rtld(GNU_HASH)'
}

# Hook of mmdebstrap, after fit_root: what the administrator of such a machine has.
el_fit_root() {
	local root=$1
	rm -rf "$root"/etc/default/{haproxy,keepalived}
	mkdir -p "$root"/etc/{rpm,dnf,yum.repos.d,pki/rpm-gpg,sysconfig} "$root/usr/lib/systemd/system-preset"
	echo 'disable *' >"$root/usr/lib/systemd/system-preset/99-default-disable.preset"
	# Debian's rpm has its database in the home directory.
	echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros.el"
	printf 'NAME="Lab Enterprise Linux"\nID=lab-el\nID_LIKE="rhel centos fedora"\nVERSION_ID=9\nPLATFORM_ID="platform:el9"\n' >"$root/etc/os-release.el"
	mv "$root/etc/os-release.el" "$root/etc/os-release"
	printf '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\nskip_if_unavailable=False\n%s\n' \
		'module_platform_id=platform:el9' >"$root/etc/dnf/dnf.conf"
	printf '[base]\nname=The distribution\nbaseurl=file:///srv/repo\nenabled=1\ngpgcheck=0\nmetadata_expire=1\n' >"$root/etc/yum.repos.d/base.repo"
}

# After mmdebstrap, which needs dpkg to the last. Nothing in a test may work because of it.
el_without_apt() {
	rm -f "$1"/usr/bin/{apt,dpkg,deb-systemd}* "$1"/usr/sbin/dpkg*
	rm -rf "$1"/etc/apt "$1"/var/lib/{apt,dpkg} "$1"/var/cache/{apt,debconf} "$1"/usr/share/{doc,man,locale}/*
}
