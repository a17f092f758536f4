/*
 * The files by which keepalived, its unit, HAProxy's unit and the watcher exchange what
 * they know: /run/keepalived-cmonha-ui. Every function takes the directory `root` that
 * all paths are below; "" is this machine.
 */
#ifndef CMONHA_BASE_VRRP_DIRECTORY_H
#define CMONHA_BASE_VRRP_DIRECTORY_H

#include <stdbool.h>

#include "base/paths.h"

/* keepalived.conf(5), vrrp_notify_fifo: each change of state, in order. */
#define VRRP_FIFO VRRP_DIRECTORY "/transitions"

/*
 * The file that keepalived tracks (track_file with weight 0): whether this node may
 * hold the virtual IP. HAProxy's unit writes it at a start and a stop, and the watcher
 * by what it finds. keepalived notices a change at once. 0, or -1 after a message.
 */
int vrrp_set_fit(const char *root, bool fit);
/* Whether it says so; false if it does not exist. */
bool vrrp_is_fit(const char *root);
/* Whether it exists, whatever it says. */
bool vrrp_has_fitness(const char *root);

/*
 * Makes the FIFO, mode 0600, if it does not exist; otherwise keepalived would make and
 * remove it at every start and stop. 0, or -1 after a message.
 */
int vrrp_make_fifo(const char *root);

/*
 * The number of the interface (if_nametoindex) that keepalived was started with: it
 * cannot use one that was deleted and made again under the same name. Read: 0 if none
 * was written. Written: 0, or -1 after a message.
 */
int vrrp_set_interface(const char *root, unsigned number);
unsigned vrrp_interface(const char *root);

#endif
