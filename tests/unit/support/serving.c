#include "serving.h"

#include "applied.h"

int serving_check_port;
int serving_ui_port;

void
serving_begin(void)
{
	stand_in_begin();
	rooted_machine.services = true;
	rooted_machine.validate = true;
	serving_check_port = listening_tcp(SERVING_NODE, "check");
	serving_ui_port = listening_tcp(SERVING_VIP, "ui");
	listening_unix("root/run/cmonha-ui/haproxy.sock", "haproxy");
	/* A HAProxy that reads its file again reports the description in it. */
	scratch_put("systemd/on/reload.cmonha-ui-haproxy.service",
	    "sed -n 's/^\tdescription /description: /p' "
	    "../root/etc/cmonha-ui/haproxy.cfg >../haproxy\n",
	    0644);
}

void
serving_begin_applied(void)
{
	applied_put_machine();
	rooted_put_xinetd();
	serving_begin();
}

void
serving_end(void)
{
	listening_stop();
	planned_end();
}

void
serving_plan(const char *check_keys, const char *node_keys)
{
	char *content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = %d:443\n[check]\nport = %d\nlistener_users = %u\n"
	    "%s[node cc2]\naddress = "
	    "10.0.0.102\n[node cc3]\naddress = 10.0.0.103\n[node cc1]\naddress = "
	    "10.0.0.101\n%s",
	    serving_ui_port, serving_check_port, (unsigned)geteuid(), check_keys,
	    node_keys);
	struct cluster *cluster;

	if (planned)
		planned_free(planned);
	planned = planned_make(content, "cc1");
	cluster = &planned->cluster;
	for (size_t i = 0; i < cluster->node_count; i++)
		ck_assert(!address_parse(SERVING_NODE, &cluster->nodes[i].address));
	for (size_t i = 0; i < cluster->vips.count; i++)
		ck_assert(!address_parse(SERVING_VIP, &cluster->vips.at[i].address));
	free(content);
}

void
serving_check_answers(const char *json)
{
	char *response = format_string("HTTP/1.1 200 OK\r\n\r\n%s", json);

	scratch_put("check", response, 0644);
	free(response);
}

void
serving_haproxy_answers(const char *output)
{
	scratch_put("haproxy", output, 0644);
}

void
serving_answers_plan(void)
{
	char *json = format_string(
	    "{\"role\": \"leader\", \"checksum\": \"%s\"}", planned->cluster.checksum);
	char *info = format_string(
	    "Name: HAProxy\ndescription: cmonha-ui cc1 %s\n", planned->plan.digest);

	serving_check_answers(json);
	serving_haproxy_answers(info);
	free(json);
	free(info);
}
