/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MAC experiment between two interfaces of this guest (mac_pair.h), on packet(7) sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"
#include "machine/live_frame.h"
#include "machine/live_pair.h"
#include "machine/mac_pair.h"

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Frames of the experiment alone. */
static const struct sock_filter ours[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MAC_PAIR_TYPE, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, MAC_PAIR_MAX),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/*
 * Promiscuous, so that frames to F and F2 are among them.  Bound to every type and
 * filtered: a socket of one type hears of a frame when its VLAN is forgotten already.
 */
static int open_end(unsigned index, int *fd)
{
	const struct sock_fprog program = {
		.len = sizeof ours / sizeof ours[0],
		/* The kernel only reads it; its interface predates const. */
		.filter = (struct sock_filter *)(uintptr_t)ours,
	};
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                             .sll_protocol = htons(ETH_P_ALL),
		                             .sll_ifindex = (int)index };
	const struct packet_mreq promiscuous = { .mr_ifindex = (int)index,
		                                 .mr_type = PACKET_MR_PROMISC };
	const int yes = 1;
	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0 ||
	    setsockopt(*fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
	    setsockopt(*fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0 ||
	    bind(*fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(*fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) !=
	            0)
		return errno;
	return live_frame_ask_tags(*fd);
}

static void receive(struct mac_pair *pair, int fd, bool at_other)
{
	uint8_t frame[MAC_PAIR_LENGTH];
	unsigned vlan;
	ssize_t got;
	while ((got = live_frame_receive(fd, frame, sizeof frame, &vlan)) >= 0)
		mac_pair_receive(pair, at_other, vlan, frame, (size_t)got);
}

static void wait_for_frame(const struct mac_pair *pair, int fd, int other)
{
	struct pollfd ends[] = { { .fd = fd, .events = POLLIN },
		                 { .fd = other, .events = POLLIN } };
	uint64_t now = now_us();
	uint64_t wake = mac_pair_wake(pair);
	uint64_t rest = wake > now ? wake - now : 0;
	const struct timespec timeout = { .tv_sec = (time_t)(rest / 1000000),
		                          .tv_nsec = (long)(rest % 1000000) * 1000 };
	ppoll(ends, 2, &timeout, NULL);
}

static void run(struct mac_pair *pair, int fd, int other)
{
	uint8_t frame[MAC_PAIR_MAX];
	while (!pair->done) {
		bool by_other;
		size_t length;
		while ((length = mac_pair_next(pair, now_us(), frame, &by_other)) > 0)
			if (send(by_other ? other : fd, frame, length, 0) < 0)
				continue; /* it is not heard either */
		if (pair->done)
			break;
		wait_for_frame(pair, fd, other);
		receive(pair, fd, false);
		receive(pair, other, true);
	}
}

int live_pair(const struct mac_self *self, unsigned index, const struct mac *other_mac,
              unsigned other_index, bool tagged, struct mac_observation *observation)
{
	cleanup_fd int fd = -1;
	cleanup_fd int other = -1;
	struct mac_pair pair;
	int failed = open_end(index, &fd);
	if (failed == 0)
		failed = open_end(other_index, &other);
	if (failed != 0)
		return failed;
	mac_pair_begin(&pair, self, other_mac, tagged);
	run(&pair, fd, other);
	mac_pair_end(&pair, now_us(), observation);
	return 0;
}
