#include "base/neighbour.h"

#include <errno.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REPEAT_MS 200

struct link {
	int fds[2]; /* ARP and IPv6 */
	int index;
	unsigned char mac[MAC_LENGTH];
	struct address v4, v6; /* senders; AF_UNSPEC: none */
};

struct arp_frame {
	struct ether_header ether;
	struct ether_arp arp;
} __attribute__((packed));

struct solicitation_frame {
	struct ether_header ether;
	struct ip6_hdr ip;
	struct nd_neighbor_solicit body; /* as long as an advertisement */
	struct nd_opt_hdr option;
	unsigned char mac[MAC_LENGTH];
} __attribute__((packed));

static void
send_frame(const struct link *link, int fd, const void *frame, size_t size)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = link->index};

	/* A lost query is repeated, so an error is like a lost one. */
	sendto(fd, frame, size, 0, (struct sockaddr *)&to, sizeof(to));
}

static void
send_arp(const struct link *link, const struct address *target, bool with_sender)
{
	struct arp_frame frame = {.ether.ether_type = htons(ETHERTYPE_ARP),
	    .arp.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
		.ar_pro = htons(ETHERTYPE_IP),
		.ar_hln = MAC_LENGTH,
		.ar_pln = 4,
		.ar_op = htons(ARPOP_REQUEST)}};

	memset(frame.ether.ether_dhost, 0xff, MAC_LENGTH);
	memcpy(frame.ether.ether_shost, link->mac, MAC_LENGTH);
	memcpy(frame.arp.arp_sha, link->mac, MAC_LENGTH);
	if (with_sender && link->v4.family == AF_INET)
		memcpy(frame.arp.arp_spa, &link->v4.v4, 4);
	memcpy(frame.arp.arp_tpa, &target->v4, 4);
	send_frame(link, link->fds[0], &frame, sizeof(frame));
}

/* RFC 4443, section 2.3: over a pseudo-header and the message. */
static uint16_t
checksum(const struct solicitation_frame *frame, size_t length)
{
	const unsigned char *parts[] = {(const unsigned char *)&frame->ip.ip6_src,
	    (const unsigned char *)&frame->body};
	size_t sizes[] = {32, length};
	uint32_t sum = (uint32_t)length + IPPROTO_ICMPV6;

	for (size_t part = 0; part < 2; part++)
		for (size_t i = 0; i + 1 < sizes[part]; i += 2)
			sum += (uint32_t)(parts[part][i] << 8 | parts[part][i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/*
 * With a sender: a solicitation without one would be a duplicate to a host that is just
 * configuring the address, RFC 4862 section 5.4.3.
 */
static void
send_solicitation(const struct link *link, const struct address *target)
{
	const size_t length =
	    sizeof(struct nd_neighbor_solicit) + sizeof(struct nd_opt_hdr) + MAC_LENGTH;
	const unsigned char *low = &target->v6.s6_addr[13];
	struct solicitation_frame frame = {
	    .ether.ether_type = htons(ETHERTYPE_IPV6),
	    .ip.ip6_flow = htonl(6u << 28),
	    .ip.ip6_plen = htons((uint16_t)length),
	    .ip.ip6_nxt = IPPROTO_ICMPV6,
	    .ip.ip6_hlim = 255,
	    .ip.ip6_src = link->v6.v6,
	    .ip.ip6_dst = {.s6_addr = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff,
			       low[0], low[1], low[2]}},
	    .body.nd_ns_type = ND_NEIGHBOR_SOLICIT,
	    .body.nd_ns_target = target->v6,
	    .option = {.nd_opt_type = ND_OPT_SOURCE_LINKADDR, .nd_opt_len = 1},
	};
	const unsigned char multicast[] = {0x33, 0x33, 0xff, low[0], low[1], low[2]};

	memcpy(frame.ether.ether_dhost, multicast, MAC_LENGTH);
	memcpy(frame.ether.ether_shost, link->mac, MAC_LENGTH);
	memcpy(frame.mac, link->mac, MAC_LENGTH);
	frame.body.nd_ns_cksum = checksum(&frame, length);
	send_frame(link, link->fds[1], &frame, sizeof(frame));
}

/* The address that a received frame is an answer for, and its MAC address. */
static bool
read_answer(const unsigned char *bytes, size_t length, struct neighbour *answer)
{
	const struct arp_frame *arp = (const void *)bytes;
	const struct solicitation_frame *advertisement = (const void *)bytes;

	*answer = (struct neighbour){.answered = true};
	if (length >= sizeof(*arp) && arp->ether.ether_type == htons(ETHERTYPE_ARP)) {
		answer->address.family = AF_INET;
		memcpy(&answer->address.v4, arp->arp.arp_spa, 4);
		memcpy(answer->mac, arp->arp.arp_sha, MAC_LENGTH);
		return true;
	}
	if (length <
		sizeof(*advertisement) - MAC_LENGTH - sizeof(advertisement->option) ||
	    advertisement->ether.ether_type != htons(ETHERTYPE_IPV6) ||
	    advertisement->ip.ip6_nxt != IPPROTO_ICMPV6 ||
	    advertisement->body.nd_ns_type != ND_NEIGHBOR_ADVERT)
		return false;
	answer->address.family = AF_INET6;
	answer->address.v6 = advertisement->body.nd_ns_target;
	memcpy(answer->mac, advertisement->ether.ether_shost, MAC_LENGTH);
	return true;
}

static void
receive(
    const struct link *link, int fd, struct neighbour *list, size_t count, size_t *left)
{
	unsigned char bytes[2048];
	struct neighbour answer;
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		if (!read_answer(bytes, (size_t)got, &answer) ||
		    memcmp(answer.mac, link->mac, MAC_LENGTH) == 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (list[i].answered ||
			    !address_equal(&list[i].address, &answer.address))
				continue;
			list[i] = answer;
			--*left;
		}
	}
}

static int
open_link(
    const char *interface, const struct local_addresses *addresses, struct link *link)
{
	const uint16_t protocols[] = {htons(ETH_P_ARP), htons(ETH_P_IPV6)};
	struct ifreq request = {.ifr_name = ""};

	*link = (struct link){.fds = {-1, -1}};
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	for (int i = 0; i < 2; i++) {
		struct sockaddr_ll name = {
		    .sll_family = AF_PACKET, .sll_protocol = protocols[i]};

		/* Without a protocol it receives nothing before it is bound. */
		link->fds[i] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		if (link->fds[i] < 0 || ioctl(link->fds[i], SIOCGIFINDEX, &request) < 0)
			return -1;
		name.sll_ifindex = link->index = request.ifr_ifindex;
		if (bind(link->fds[i], (struct sockaddr *)&name, sizeof(name)) < 0)
			return -1;
	}
	if (ioctl(link->fds[0], SIOCGIFHWADDR, &request) < 0)
		return -1;
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		errno = ENOTSUP;
		return -1;
	}
	memcpy(link->mac, request.ifr_hwaddr.sa_data, MAC_LENGTH);
	for (size_t i = 0; i < addresses->count; i++) {
		const struct address *own = &addresses->at[i].prefix.address;

		if (strcmp(addresses->at[i].interface, interface) != 0)
			continue;
		if (own->family == AF_INET)
			link->v4 = *own;
		else if (own->family == AF_INET6)
			link->v6 = *own;
	}
	return 0;
}

int
neighbour_query(const char *interface, const struct local_addresses *addresses,
    struct neighbour *list, size_t count, size_t probes, int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds, next = clock_now();
	struct link link;
	size_t left = count;
	int result = open_link(interface, addresses, &link);
	int kept_errno = errno;

	while (result == 0 && left && clock_left(deadline) > 0) {
		struct pollfd wait[] = {{.fd = link.fds[0], .events = POLLIN},
		    {.fd = link.fds[1], .events = POLLIN}};
		int pause = clock_left(next) < clock_left(deadline)
				? clock_left(next)
				: clock_left(deadline);

		if (clock_left(next) == 0) {
			for (size_t i = 0; i < count; i++) {
				if (list[i].answered)
					continue;
				if (list[i].address.family == AF_INET)
					send_arp(&link, &list[i].address, i >= probes);
				else if (link.v6.family == AF_INET6)
					send_solicitation(&link, &list[i].address);
			}
			next = clock_now() + REPEAT_MS;
			continue;
		}
		if (poll(wait, 2, pause) > 0)
			for (int i = 0; i < 2; i++)
				receive(&link, link.fds[i], list, count, &left);
	}
	for (int i = 0; i < 2; i++)
		if (link.fds[i] >= 0)
			close(link.fds[i]);
	errno = kept_errno;
	return result;
}
