#include "apply/outdated.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sysexits.h>

#include "apply/service.h"
#include "base/file.h"
#include "base/loaded.h"
#include "base/network.h"

/* An apply that runs meanwhile reloads too. */
#define LOCK_MS 30000
/* After a reload HAProxy's master executes the new program at once. */
#define REPLACED_MS 5000
#define POLL_MS     50

/* What the main process runs though it was replaced; NULL: nothing, or not known. */
static char *
find_replaced(const struct machine *machine, enum service service)
{
	int pid = service_main_pid(service);
	struct text maps = {0};
	char *target, *path, *replaced = NULL;

	if (pid <= 0)
		return NULL;
	target = format_string("/proc/%d/maps", pid);
	path = machine_path(machine, target);
	if (file_read(path, FILE_LIMIT, &maps) == 0)
		replaced = loaded_find_replaced(&maps);
	text_free(&maps);
	free(path);
	free(target);
	return replaced;
}

char *
outdated_describe(const struct machine *machine, enum service service)
{
	char *replaced, *sentence;

	if (service != SERVICE_HAPROXY && service != SERVICE_KEEPALIVED)
		return NULL;
	replaced = find_replaced(machine, service);
	if (!replaced)
		return NULL;
	sentence = format_string("%s runs an older %s than is installed; run when it "
				 "suits: systemctl %s %s",
	    service_unit(service), replaced,
	    service == SERVICE_HAPROXY ? "reload" : "restart", service_unit(service));
	free(replaced);
	return sentence;
}

static bool
is_outdated(const struct machine *machine, enum service service)
{
	char *replaced =
	    service_is_active(service) ? find_replaced(machine, service) : NULL;

	free(replaced);
	return replaced != NULL;
}

static bool
has_vip(const struct machine *machine)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	struct cluster *cluster = allocate(sizeof(*cluster));
	bool here = false;

	if (machine_read_applied(machine, cluster) == 0 &&
	    network_local_addresses(addresses) == 0)
		for (size_t i = 0; i < cluster->vips.count && !here; i++)
			here = network_find(addresses, &cluster->vips.at[i].address);
	free(addresses);
	free(cluster);
	return here;
}

static int
replace(const struct machine *machine, enum service service, int (*how)(enum service))
{
	clock_ms_t deadline;
	char *sentence;

	if (how(service) < 0)
		return -1;
	deadline = clock_now() + REPLACED_MS;
	while (is_outdated(machine, service)) {
		if (clock_left(deadline) == 0) {
			sentence = outdated_describe(machine, service);
			log_warnx("%s", sentence ? sentence : service_unit(service));
			free(sentence);
			return -1;
		}
		poll(NULL, 0, POLL_MS);
	}
	log_info("%s runs what is installed now", service_unit(service));
	return 0;
}

static int
replace_keepalived(const struct machine *machine)
{
	char *sentence;

	if (!has_vip(machine))
		return replace(machine, SERVICE_KEEPALIVED, service_restart);
	sentence = outdated_describe(machine, SERVICE_KEEPALIVED);
	if (sentence)
		log_warnx("this node has the virtual IP, which would fail over: %s",
		    sentence);
	free(sentence);
	return 0;
}

int
outdated_replace(const struct machine *machine)
{
	int lock = machine_lock(machine, LOCK_MS), status = 0;

	if (lock < 0 && errno == EWOULDBLOCK) {
		log_warnx("another instance of cmonha-ui is running");
		return EX_TEMPFAIL;
	}
	if (lock < 0)
		return EX_CANTCREAT;
	if (is_outdated(machine, SERVICE_HAPROXY) &&
	    replace(machine, SERVICE_HAPROXY, service_reload) < 0)
		status = EX_UNAVAILABLE;
	if (is_outdated(machine, SERVICE_KEEPALIVED) && replace_keepalived(machine) < 0)
		status = EX_UNAVAILABLE;
	machine_unlock(lock);
	return status;
}
