/*
 * The directories of this package's files; a file has its name where it is used.
 */
#ifndef CMONHA_BASE_PATHS_H
#define CMONHA_BASE_PATHS_H

#define STATE_DIRECTORY   "/var/lib/cmonha-ui"
#define CONFIG_DIRECTORY  "/etc/cmonha-ui"
#define RUNTIME_DIRECTORY "/run/cmonha-ui"
/*
 * What keepalived reads and writes: SELinux's policy lets it use files whose path
 * begins with /run/keepalived (keepalived.fc), and no others of /run.
 */
#define VRRP_DIRECTORY "/run/keepalived-cmonha-ui"

#endif
