/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of a packet(7) socket, and the VLAN tag that the kernel took off them. */
#ifndef NESTREADY_MACHINE_LIVE_FRAME_H
#define NESTREADY_MACHINE_LIVE_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Has the kernel say what it took off.  0, or an errno. */
int live_frame_ask_tags(int fd);

/* Like recv(2); *vlan is 0 for none. */
ssize_t live_frame_receive(int fd, uint8_t *frame, size_t size, unsigned *vlan);

#endif
