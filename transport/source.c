/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See source.h. */
#include "transport/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "transport/number.h"

#define VSOCK   "vsock:"
#define BACKLOG 16

static int open_vsock(const char *port, struct source *source, struct error *err)
{
	struct sockaddr_vm name = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY };
	if (!number_read(port, VMADDR_PORT_ANY - 1, &name.svm_port))
		return error_set(err, ERROR_USAGE, 0,
		                 "--from: '%.40s' is not written as vsock:PORT", port);
	source->kind = SOURCE_LISTENER;
	source->fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (source->fd < 0 || bind(source->fd, (struct sockaddr *)&name, sizeof name) != 0 ||
	    listen(source->fd, BACKLOG) != 0)
		return error_set(err, ERROR_NO_INPUT, errno, "vsock:%.40s", port);
	return 0;
}

static int connect_unix(const char *path, struct source *source, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	source->kind = SOURCE_SOCKET;
	if (strlen(path) >= sizeof name.sun_path)
		return error_set(err, ERROR_NO_INPUT, ENAMETOOLONG, "%s", path);
	memcpy(name.sun_path, path, strlen(path));
	source->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (source->fd < 0 || connect(source->fd, (struct sockaddr *)&name, sizeof name) != 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	return 0;
}

static int open_path(const char *path, struct source *source, struct error *err)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	if (S_ISSOCK(status.st_mode))
		return connect_unix(path, source, err);
	bool device = S_ISCHR(status.st_mode);
	source->kind = device ? SOURCE_DEVICE : SOURCE_FILE;
	source->fd = open(path, (device ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (source->fd < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	if (S_ISDIR(status.st_mode))
		return error_set(err, ERROR_NO_INPUT, EISDIR, "%s", path);
	if (device)
		tty_set_raw(&source->tty, source->fd);
	return 0;
}

int source_open(const char *from, struct source *source, struct error *err)
{
	*source = (struct source){ .kind = SOURCE_FILE, .fd = -1 };
	int status = 0;
	if (strcmp(from, "-") == 0)
		source->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else if (strncmp(from, VSOCK, strlen(VSOCK)) == 0)
		status = open_vsock(from + strlen(VSOCK), source, err);
	else
		status = open_path(from, source, err);
	if (status == 0 && source->fd < 0)
		status = error_set(err, ERROR_NO_INPUT, errno, "standard input");
	if (status != 0)
		source_close(source);
	return status;
}

void source_close(struct source *source)
{
	tty_restore(&source->tty);
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}
