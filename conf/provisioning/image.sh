#!/bin/sh
# Installs cmonha-ui into a system that does not run: from the late_command of Debian's
# installer, from an image builder, or in a chroot of a golden image that is cloned later.
#
#   d-i preseed/late_command string cp /cdrom/image.sh /target/root/ && in-target sh /root/image.sh
#
# No service is started, and the node need not have its address yet. At its first boot
# cmonha-ui-setup.service applies the cluster file as soon as the machine has the address of
# one of the nodes. The same image is good for all nodes; each clone makes its own passwords.
#
# The package comes from your signed repository (make repo) at the example URL below; replace
# the key by the contents of build/repo/cmonha-ui.asc. Without that key apt refuses it.
set -eu

install -d -m 0755 /etc/apt/keyrings /etc/cmonha-ui
cat >/etc/apt/keyrings/cmonha-ui.asc <<'END'
-----BEGIN PGP PUBLIC KEY BLOCK-----
...
-----END PGP PUBLIC KEY BLOCK-----
END
cat >/etc/apt/sources.list.d/cmonha-ui.sources <<'END'
Types: deb
URIs: https://packages.example.net/cmonha-ui/apt
Suites: stable
Components: main
Signed-By: /etc/apt/keyrings/cmonha-ui.asc
END

cat >/etc/cmonha-ui/cluster.conf <<'END'
[cluster]
vip = 10.0.0.200/24

[ui]
forward = 81:80

[node cc1]
address = 10.0.0.101

[node cc2]
address = 10.0.0.102

[node cc3]
address = 10.0.0.103
END

apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y cmonha-ui
# Stops the installation if the file has errors; the package itself only reports them.
cmonha-ui check
