/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See virtio_port.h. */
#include "transport/virtio_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#define PORTS          "/sys/class/virtio-ports"
#define NAME_MAX_BYTES 256

/* Linux writes it with a newline (drivers/char/virtio_console.c, show_port_name). */
static bool is_named(const char *root, const char *port, const char *name)
{
	char said[NAME_MAX_BYTES];
	cleanup_text struct text path = TEXT_INIT;
	text_printf(&path, "%s" PORTS "/%s/name", root, port);
	cleanup_fd int fd = open(text_string(&path), O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, said, sizeof said - 1);
	if (length < 0)
		return false;
	said[length] = '\0';
	said[strcspn(said, "\n")] = '\0';
	return strcmp(said, name) == 0;
}

int virtio_port_find(const char *root, const char *name, struct text *device, struct error *err)
{
	cleanup_text struct text path = TEXT_INIT;
	text_printf(&path, "%s" PORTS, root);
	cleanup_dir DIR *ports = opendir(text_string(&path));
	const struct dirent *entry;
	while (ports != NULL && (entry = readdir(ports)) != NULL) {
		if (entry->d_name[0] == '.' || !is_named(root, entry->d_name, name))
			continue;
		text_printf(device, "%s/dev/%s", root, entry->d_name);
		return device->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
	}
	return error_set(err, ERROR_UNAVAILABLE, 0, "this guest has no virtio-serial port %s",
	                 name);
}
