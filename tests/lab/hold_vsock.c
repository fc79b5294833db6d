/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects to a port of this guest's own vsock as often as it is told, as soon as somebody listens
 * there, says so on standard output, and nothing to the port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

/* Whoever is to listen may be slow to start: half a minute. */
static int connect_to(const struct sockaddr_vm *name)
{
	for (int left = 300; left > 0; left--) {
		int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (const struct sockaddr *)name, sizeof *name) == 0)
			return fd;
		close(fd);
		usleep(100000);
	}
	return -1;
}

int main(int argc, char *argv[])
{
	struct sockaddr_vm name = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL };
	if (argc != 3)
		return 64;
	name.svm_port = (unsigned)atoi(argv[1]);
	for (int left = atoi(argv[2]); left > 0; left--)
		if (connect_to(&name) < 0)
			return 1;
	puts("held");
	fflush(stdout);
	pause();
	return 0;
}
