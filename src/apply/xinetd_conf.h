/*
 * What in xinetd's own file, /etc/xinetd.conf, keeps it from serving the check:
 * settings for all services that the file of one service cannot override. See
 * xinetd.conf(5).
 */
#ifndef CMONHA_APPLY_XINETD_CONF_H
#define CMONHA_APPLY_XINETD_CONF_H

#include "cluster/problems.h"

/* Adds each such line of the file's text to `problems`, as an error. */
void xinetd_conf_check(const struct text *content, struct problems *problems);

#endif
