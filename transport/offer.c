/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See offer.h. */
#include "transport/offer.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define LINES_MAX 65536

/* The beginning of a file; "" when there is none. */
static void read_start(const char *root, const char *path, struct text *out)
{
	char buffer[4096];
	cleanup_text struct text name = TEXT_INIT;
	text_printf(&name, "%s%s", root, path);
	cleanup_fd int fd = open(text_string(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t count = fd < 0 ? 0 : 1;
	while (count > 0 && out->length < LINES_MAX) {
		count = read(fd, buffer, sizeof buffer);
		text_add_bytes(out, buffer, count > 0 ? (size_t)count : 0);
	}
}

static bool exists(const char *root, const char *path, int mode)
{
	cleanup_text struct text name = TEXT_INIT;
	text_printf(&name, "%s%s", root, path);
	return !name.failed && access(text_string(&name), mode) == 0;
}

/* The next name in a directory that fits; false at its end. */
static bool next_fitting(DIR *directory, const char *pattern, char *name, size_t size)
{
	const struct dirent *entry;
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0) {
			text_cut(name, size, entry->d_name);
			return true;
		}
	}
	return false;
}

static DIR *open_directory(const char *root, const char *path)
{
	cleanup_text struct text name = TEXT_INIT;
	text_printf(&name, "%s%s", root, path);
	return name.failed ? NULL : opendir(text_string(&name));
}

/*
 * Of the first process, as a service may have a network of its own that leads
 * nowhere (nestready.service has); ours where that one is hidden.
 */
static void read_routes(const char *root, const char *name, struct text *out)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/1/net/%s", name);
	read_start(root, path, out);
	snprintf(path, sizeof path, "/proc/net/%s", name);
	if (out->length == 0)
		read_start(root, path, out);
}

/*
 * A line of /proc/net/route that leads to 0.0.0.0, or of ipv6_route that leads
 * to ::/0 over something else than lo, where unreachable ones are listed.
 */
static bool has_default_route(const char *root)
{
	char interface[17], destination[33];
	unsigned length;
	cleanup_text struct text four = TEXT_INIT, six = TEXT_INIT;
	read_routes(root, "route", &four);
	read_routes(root, "ipv6_route", &six);
	char *rest = four.data, *line;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (sscanf(line, "%16s %32s", interface, destination) == 2 &&
		    strcmp(destination, "00000000") == 0)
			return true;
	}
	rest = six.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %*s %16s", destination, &length,
		           interface) == 3 &&
		    length == 0 && strcmp(interface, "lo") != 0)
			return true;
	}
	return false;
}

static void look_for_port(const char *root, char *found, size_t size)
{
	char port[64], path[128];
	cleanup_dir DIR *ports = open_directory(root, "/sys/class/virtio-ports");
	while (found[0] == '\0' && next_fitting(ports, "vport*", port, sizeof port)) {
		cleanup_text struct text name = TEXT_INIT;
		snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", port);
		read_start(root, path, &name);
		const char *said = text_string(&name);
		size_t length = strcspn(said, "\n");
		if (strncmp(said, OFFER_PORT_PREFIX, strlen(OFFER_PORT_PREFIX)) == 0 &&
		    length < size)
			text_cut(found, length + 1, said);
	}
}

/* The first of ttyS0 to ttyS3 with a UART: 0 is PORT_UNKNOWN (linux/serial_core.h). */
static void look_for_serial(const char *root, char *found, size_t size)
{
	char path[64];
	for (int i = 0; i < 4 && found[0] == '\0'; i++) {
		cleanup_text struct text type = TEXT_INIT;
		snprintf(path, sizeof path, "/sys/class/tty/ttyS%d/type", i);
		read_start(root, path, &type);
		if (type.length > 0 && type.data[0] >= '1' && type.data[0] <= '9')
			snprintf(found, size, "/dev/ttyS%d", i);
	}
}

void offer_look(const char *root, struct offer *offer)
{
	char name[64];
	cleanup_text struct text vendor = TEXT_INIT;
	cleanup_dir DIR *vsock =
	        open_directory(root, "/sys/bus/virtio/drivers/vmw_vsock_virtio_transport");
	*offer = (struct offer){ .network = has_default_route(root) };
	offer->vsock = next_fitting(vsock, "virtio*", name, sizeof name);
	look_for_port(root, offer->virtio_port, sizeof offer->virtio_port);
	read_start(root, "/sys/class/dmi/id/sys_vendor", &vendor);
	offer->guestinfo = strncmp(text_string(&vendor), "VMware", 6) == 0 &&
	                   exists(root, "/usr/bin/vmware-rpctool", X_OK);
	offer->kvp = exists(root, "/var/lib/hyperv/.kvp_pool_1", F_OK);
	look_for_serial(root, offer->serial, sizeof offer->serial);
}

int offer_choose(const struct offer *offer, const char *url, struct text *place, struct error *err)
{
	if (offer->network && url[0] != '\0')
		text_add(place, url);
	else if (offer->vsock)
		text_printf(place, "vsock:2:%d", OFFER_VSOCK_PORT);
	else if (offer->virtio_port[0] != '\0')
		text_printf(place, "virtio-serial:%s", offer->virtio_port);
	else if (offer->guestinfo)
		text_add(place, "guestinfo:" OFFER_KEY);
	else if (offer->kvp)
		text_add(place, "kvp:" OFFER_KEY);
	else if (offer->serial[0] != '\0')
		text_printf(place, "serial:%s", offer->serial);
	else
		return error_set(
		        err, ERROR_UNAVAILABLE, 0,
		        "this guest has no %svsock, virtio-serial, guestinfo, KVP or serial",
		        url[0] == '\0' ? "" : "route, ");
	return place->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}
