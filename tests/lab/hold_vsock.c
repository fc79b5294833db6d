/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connects to a port of this guest's own vsock as often as it is told, and says nothing there. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

int main(int argc, char *argv[])
{
	struct sockaddr_vm name = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL };
	if (argc != 3)
		return 64;
	name.svm_port = (unsigned)atoi(argv[1]);
	for (int left = atoi(argv[2]); left > 0; left--) {
		int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
			return 1;
	}
	pause();
	return 0;
}
