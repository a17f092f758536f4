/*
 * The times by which the check decides, in milliseconds: constants of one rule, so they
 * have one place. Owns no code and no state.
 *
 * Round. A request must be answered within the cluster file's `deadline` (800 by
 * default). RESPONSE_MS of it are kept for reading the request and writing the
 * response; the rest, 750, is the longest round. A peer's query may last PEER_QUERY_MS,
 * longer than a round, so that a slow reply is not lost but counts in the next round.
 *
 * Age. A verdict is used for VERDICT_LIFE_MS from the arrival of the controller's
 * reply. So a controller is queried at most 1000 / 150 = 6.7 times a second, however
 * many clients there are, and a change of role is visible after 150 ms plus one round.
 * A controller that did not reply in time is queried again by the next request. The s9s
 * client is a process that costs some 100 ms of CPU time, hence S9S_VERDICT_LIFE_MS.
 *
 * Quorum. A peer counts as reachable for PEER_MEMORY_MS after its last reply, and a
 * leader's verdict never outlives its majority: a leader cut off from its peers stops
 * being one after 1000 ms, plus at most one round of PEER_GRACE_MS, for which a leader
 * that has its majority waits for the other peers. Silence means nothing before a query
 * has been open for PEER_PATIENCE_MS, more than one retransmission of TCP (200 ms at
 * least in Linux). A lost first packet of a connection is retransmitted by the kernel
 * only after 1000 ms, so a query that is not connected after PEER_CONNECT_MS is
 * repeated by the next round: 2 * 300 still fit into PEER_MEMORY_MS.
 *
 * Web interface. A leader that gets users is sent one request per UI_INTERVAL_MS and
 * port, beside its rounds. UI_FAILURES in a row, each an error or UI_ANSWER_MS without
 * an answer, and it is down: at most 7 s after it hung, and a server that is slow once
 * stays up. Results are forgotten after UI_MEMORY_MS without a request.
 */
#ifndef CMONHA_PROBE_TIMING_H
#define CMONHA_PROBE_TIMING_H

#define DEFAULT_DEADLINE_MS 800 /* without a cluster file */
#define RESPONSE_MS         50

#define VERDICT_LIFE_MS     150
#define S9S_VERDICT_LIFE_MS 1000

#define PEER_MEMORY_MS   1000
#define PEER_PATIENCE_MS 500
#define PEER_GRACE_MS    100
#define PEER_QUERY_MS    800
#define PEER_CONNECT_MS  300

/*
 * To this machine's own address a connection is made at once, or not at all: for all
 * ports of the web interface together.
 */
#define UI_CONNECT_MS  200
#define UI_INTERVAL_MS 1000
#define UI_ANSWER_MS   3000
#define UI_FAILURES    2
#define UI_MEMORY_MS   10000
/* Of a host name in /etc/default/cmon, once, at the start. */
#define RESOLVE_MS 500

#endif
