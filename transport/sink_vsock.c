/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vsock:CID:PORT: frames over a socket to the host (CID 2).  Linux has one
 * address family for the sockets of virtio and of Hyper-V (vsock(7)).
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "transport/number.h"
#include "transport/sink.h"
#include "transport/stream.h"

static int start(struct attempt *attempt, struct error *err)
{
	struct sockaddr_vm name = { .svm_family = AF_VSOCK };
	if (!number_read_pair(attempt->rest, &name.svm_cid, &name.svm_port))
		return error_set(err, ERROR_USAGE, 0, "not CID:PORT");
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "no vsock");
	if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0 && errno != EINPROGRESS) {
		error_set(err, ERROR_UNAVAILABLE, errno, "cannot connect");
		close(fd);
		return -1;
	}
	return stream_start(attempt, fd, STREAM_SOCKET, err);
}

const struct sink sink_vsock = { .scheme = "vsock", .start = start };
