/*
 * What must be known of this host, besides the cluster file, to plan it: interface,
 * passwords, error page, xinetd. Reads only; nothing is written here.
 */
#ifndef CMONHA_APPLY_FACTS_H
#define CMONHA_APPLY_FACTS_H

#include "apply/machine.h"
#include "base/network.h"
#include "plan/plan.h"

enum facts_result {
	FACTS_FAILED = -2,
	FACTS_PASSWORDS = -1, /* those of the file are wrong; all others are known */
	FACTS_DONE = 0,
};

/*
 * Fills `facts` for the node `self`; `addresses` are the host's own, and must outlive
 * the facts. If the file of passwords does not exist, new ones are generated if
 * `make_passwords`, else placeholders are used; a file that cannot be read or parsed is
 * an error, and what haproxy.cfg has of them is used. Errors are added to `problems`,
 * except those of the system, after a message. Free with facts_free() in all cases.
 */
enum facts_result
facts_gather(const struct machine *machine, const struct cluster *cluster,
    const struct node *self, const struct local_addresses *addresses,
    bool make_passwords, struct host_facts *facts, struct problems *problems);
void facts_free(struct host_facts *facts);

#endif
