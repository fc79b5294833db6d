/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-serial:NAME: frames over a port that the host gave a name. */
#include <errno.h>
#include <fcntl.h>

#include "transport/sink.h"
#include "transport/stream.h"
#include "transport/virtio_port.h"

static int start(struct attempt *attempt, struct error *err)
{
	cleanup_text struct text device = TEXT_INIT;
	if (virtio_port_find("", attempt->rest, &device, err) != 0)
		return -1;
	int fd = open(text_string(&device), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", text_string(&device));
	return stream_start(attempt, fd, STREAM_PORT, err);
}

const struct sink sink_virtio_serial = { .scheme = "virtio-serial", .start = start };
