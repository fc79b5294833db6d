/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other side of a channel, where the host's end of it is: a UNIX socket
 * that the hypervisor listens on, a file that it writes, a device, or a port
 * of this machine's vsock.
 */
#ifndef NESTREADY_TRANSPORT_SOURCE_H
#define NESTREADY_TRANSPORT_SOURCE_H

#include <stdbool.h>

#include "base/error.h"
#include "transport/tty.h"

enum source_kind {
	SOURCE_FILE,     /* one way: a file, a pipe, standard input */
	SOURCE_DEVICE,   /* a character device, both ways */
	SOURCE_SOCKET,   /* connected */
	SOURCE_LISTENER, /* accept() gives the connections */
};

struct source {
	enum source_kind kind;
	int fd;
	struct tty tty;
};

/* Opens PATH, `-` or vsock:PORT; it never blocks.  0; or -1, ERROR_NO_INPUT or ERROR_USAGE. */
int source_open(const char *from, struct source *source, struct error *err);

void source_close(struct source *source);

#endif
