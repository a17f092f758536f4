/*
 * What a service of Type=notify reports to systemd, sd_notify(3).
 */
#ifndef CMONHA_BASE_SERVICE_NOTIFY_H
#define CMONHA_BASE_SERVICE_NOTIFY_H

/*
 * Sends assignments, each on its line: "READY=1", "WATCHDOG=1", "STATUS=…". Nothing is
 * sent if systemd did not start this process; an error is ignored, since systemd then
 * notices the silence.
 */
void service_notify(const char *state);

#endif
