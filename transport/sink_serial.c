/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serial:DEVICE: frames over a serial port, on which nobody knows who listens. */
#include <errno.h>
#include <fcntl.h>

#include "transport/sink.h"
#include "transport/stream.h"

static int start(struct attempt *attempt, struct error *err)
{
	int fd = open(attempt->rest, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", attempt->rest);
	return stream_start(attempt, fd, STREAM_TTY, err);
}

const struct sink sink_serial = { .scheme = "serial", .start = start };
