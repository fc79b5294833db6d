/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See marks.h.  machine-id(5) asks never to tell the id itself, but a digest
 * keyed with what it is for.  Both are readable for everybody.
 */
#include "agent/marks.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sha256.h"

#define NETS "/sys/class/net"

/* The first word of a file, in lower case; false when there is none. */
static bool read_word(int directory, const char *path, char *word, size_t size)
{
	cleanup_fd int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t length = fd < 0 ? -1 : read(fd, word, size - 1);
	if (length <= 0)
		return false;
	word[length] = '\0';
	word[strcspn(word, " \t\r\n")] = '\0';
	for (char *at = word; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return word[0] != '\0';
}

static void digest(const char *what, const char *word, char mark[GUEST_MARK_SIZE])
{
	char hex[SHA256_HEX_SIZE];
	sha256_hmac_hex(what, word, strlen(word), hex);
	snprintf(mark, GUEST_MARK_SIZE, "%.32s", hex);
}

/* An adapter that has a device behind it: not a bridge, a tap or the loopback. */
static bool read_mac(int nets, const char *name, char *mac, size_t size)
{
	char path[300];
	snprintf(path, sizeof path, "%.200s/device", name);
	if (faccessat(nets, path, F_OK, 0) != 0)
		return false;
	snprintf(path, sizeof path, "%.200s/address", name);
	return read_word(nets, path, mac, size) && strlen(mac) == 17;
}

static int by_word(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void fill_macs(struct guest_identity *guest)
{
	cleanup_dir DIR *nets = opendir(NETS);
	const struct dirent *entry;
	while (nets != NULL && guest->mac_count < GUEST_MACS && (entry = readdir(nets)) != NULL) {
		char mac[64];
		if (entry->d_name[0] != '.' &&
		    read_mac(dirfd(nets), entry->d_name, mac, sizeof mac))
			digest("nestready mac", mac, guest->macs[guest->mac_count++]);
	}
	/* In an order that does not depend on that of the directory. */
	qsort(guest->macs, guest->mac_count, sizeof guest->macs[0], by_word);
}

void marks_fill(struct guest_identity *guest)
{
	char id[64];
	/* "uninitialized" is no id (machine-id(5)). */
	if (read_word(AT_FDCWD, "/etc/machine-id", id, sizeof id) && strlen(id) == 32)
		digest("nestready machine-id", id, guest->machine_id);
	fill_macs(guest);
}
