#include <stdio.h>
#include <sysexits.h>

#include "probe/certificate.h"
#include "ui/command.h"
#include "ui/context.h"

#define CONNECT_MS 2000

/* The exit status of one controller. */
static int
print_pin(const struct context *context, const struct node *node)
{
	char address[ADDRESS_TEXT_MAX], pin[PIN_LENGTH + 1];
	int port = context->cluster.rpc_port;
	const char *reason = certificate_pin(&node->address, port, CONNECT_MS, pin);

	if (reason) {
		log_warnx("the controller of %s, %s port %d, shows no certificate: %s",
		    node->name, address_format(&node->address, address), port, reason);
		return EX_UNAVAILABLE;
	}
	printf("[node %s]\npin = %s\n", node->name, pin);
	if (!*node->pins || pins_have(node->pins, pin))
		return 0;
	log_warnx("%s: [node %s] pin: the controller has another key", context->file,
	    node->name);
	return 1;
}

int
command_pins(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int status = context_read(context);
	bool readable = status == 0;

	for (size_t i = 0; readable && i < context->cluster.node_count; i++) {
		const struct node *node = &context->cluster.nodes[i];
		int own = node->roles & NODE_CONTROLLER ? print_pin(context, node) : 0;

		status = own > status ? own : status;
	}
	context_free(context);
	return status;
}
