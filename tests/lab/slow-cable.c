/*
 * slow-cable PORT TAP DELAY_MS JITTER_MS: a cable on which frames are under way for
 * DELAY +- JITTER ms in each direction. It lies between the interface PORT and TAP,
 * which it makes and which is gone when it ends. For kernels without netem.
 *
 * Frames keep their order, as on a real cable: one that is quicker than the one before
 * it arrives right behind it. Checksums and segmentation that the sender left to its
 * card travel along in the header that both sides put before the frame.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX (65536 + ETH_HLEN + (int)sizeof(struct virtio_net_hdr))
#define UNDER_WAY 4096 /* frames; more are lost, as in a full queue */

struct frame {
	double due; /* ms */
	size_t length;
	char *bytes;
};

struct direction {
	int from, to;
	size_t first, count;
	struct frame frames[UNDER_WAY];
};

static double delay, jitter;

static void
die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("slow-cable: ", stderr);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(arguments);
	exit(1);
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
open_port(const char *name)
{
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address.sll_ifindex = (int)if_nametoindex(name);
	/* Without PACKET_IGNORE_OUTGOING we would hear our own frames again. */
	if (fd < 0 || address.sll_ifindex == 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		die("%s", name);
	return fd;
}

static int
open_tap(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		die("%s", name);
	return fd;
}

static double
random_delay(void)
{
	unsigned number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		die("getrandom");
	return delay - jitter + 2 * jitter * number / 4294967295.0;
}

/* Takes all frames that are there. Those that the queue has no room for are lost. */
static void
take(struct direction *direction)
{
	static char buffer[FRAME_MAX];
	static double last_due[2];
	double *last = &last_due[direction->from < direction->to];
	ssize_t length;

	while ((length = read(direction->from, buffer, sizeof(buffer))) > 0) {
		size_t at = (direction->first + direction->count) % UNDER_WAY;
		struct frame *frame = &direction->frames[at];

		if (direction->count == UNDER_WAY)
			continue;
		frame->bytes = malloc(length);
		if (!frame->bytes)
			die("no memory");
		memcpy(frame->bytes, buffer, length);
		frame->length = length;
		frame->due = now_ms() + random_delay();
		if (frame->due < *last)
			frame->due = *last;
		*last = frame->due;
		direction->count++;
	}
	if (length < 0 && errno != EAGAIN && errno != ENETDOWN && errno != EINTR &&
	    errno != EIO)
		die("read");
}

/* What cannot be delivered (the other end is down or full) is lost. */
static void
deliver(struct direction *direction)
{
	double now = now_ms();

	while (direction->count > 0 && direction->frames[direction->first].due <= now) {
		struct frame *frame = &direction->frames[direction->first];

		if (write(direction->to, frame->bytes, frame->length) < 0 &&
		    (errno == EBADFD || errno == ENXIO))
			die("write");
		free(frame->bytes);
		direction->first = (direction->first + 1) % UNDER_WAY;
		direction->count--;
	}
}

static struct timespec
until_due(const struct direction directions[2])
{
	double left = 1000;

	for (int i = 0; i < 2; i++) {
		const struct direction *direction = &directions[i];
		double wait = direction->count > 0
				  ? direction->frames[direction->first].due - now_ms()
				  : left;

		if (wait < left)
			left = wait < 0 ? 0 : wait;
	}
	return (struct timespec){.tv_sec = (time_t)(left / 1000),
	    .tv_nsec = (long)((left - 1000 * (double)(long)(left / 1000)) * 1e6)};
}

int
main(int argc, char **argv)
{
	static struct direction directions[2];
	struct pollfd files[2] = {{.events = POLLIN}, {.events = POLLIN}};

	if (argc != 5 || (delay = strtod(argv[3], NULL)) < 0 ||
	    (jitter = strtod(argv[4], NULL)) < 0 || jitter > delay || delay > 10000) {
		fputs(
		    "usage: slow-cable PORT TAP DELAY_MS JITTER_MS (JITTER <= DELAY)\n",
		    stderr);
		return 64;
	}
	/* The lab's locks are not ours to hold. */
	close_range(3, ~0U, 0);
	directions[0].from = directions[1].to = open_port(argv[1]);
	directions[0].to = directions[1].from = open_tap(argv[2]);
	for (int i = 0; i < 2; i++)
		files[i].fd = directions[i].from;
	for (;;) {
		struct timespec wait = until_due(directions);

		if (ppoll(files, 2, &wait, NULL) < 0 && errno != EINTR)
			die("ppoll");
		for (int i = 0; i < 2; i++) {
			if (files[i].revents)
				take(&directions[i]);
			deliver(&directions[i]);
		}
	}
}
