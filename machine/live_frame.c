/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See live_frame.h. */
#include "machine/live_frame.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

int live_frame_ask_tags(int fd)
{
	const int yes = 1;
	return setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) == 0 ? 0 : errno;
}

static unsigned vlan_of(struct msghdr *message)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		struct tpacket_auxdata more;
		if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA ||
		    header->cmsg_len < CMSG_LEN(sizeof more))
			continue;
		memcpy(&more, CMSG_DATA(header), sizeof more);
		if ((more.tp_status & TP_STATUS_VLAN_VALID) != 0)
			return more.tp_vlan_tci & 0x0fff;
	}
	return 0;
}

ssize_t live_frame_receive(int fd, uint8_t *frame, size_t size, unsigned *vlan)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} more;
	struct iovec place = { frame, size };
	struct msghdr message = { .msg_iov = &place,
		                  .msg_iovlen = 1,
		                  .msg_control = &more,
		                  .msg_controllen = sizeof more };
	ssize_t got = recvmsg(fd, &message, 0);
	*vlan = got < 0 ? 0 : vlan_of(&message);
	return got;
}
