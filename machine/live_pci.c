/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI functions in the kernel's own words, one small file each.  They come
 * from its memory: no configuration register is read, which would be a VM exit.
 *
 * libpci reads five files a function for the same, and loading it with the
 * libraries that it needs took 0.15 ms of every check; where it is installed,
 * a test compares.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/live.h"
#include "machine/sorted.h"

/* Reads the kernel's words of a function: 0 or a negative errno. */
static int read_uevent(int devices, const char *slot, char *text, size_t size)
{
	char path[280];
	snprintf(path, sizeof path, "%s/uevent", slot);
	cleanup_fd int fd = openat(devices, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	if (length < 0)
		return -errno;
	text[length] = '\0';
	return 0;
}

/* Adds a function's line, "0000:00:1f.2 0106 8086:2922 1af4:1100".  0 or a negative errno. */
static int add_function(int devices, const char *slot, struct sorted *lines)
{
	char text[4096];
	char line[300];
	unsigned class, vendor, device, subvendor, subdevice;
	int failed = read_uevent(devices, slot, text, sizeof text);
	if (failed != 0)
		return failed;
	/* pci_uevent in drivers/pci/pci-driver.c writes the three of them in a row */
	const char *words = strstr(text, "PCI_CLASS=");
	if (words == NULL || sscanf(words, "PCI_CLASS=%6x PCI_ID=%4x:%4x PCI_SUBSYS_ID=%4x:%4x",
	                            &class, &vendor, &device, &subvendor, &subdevice) != 5)
		return -EBADMSG;
	snprintf(line, sizeof line, "%s %04x %04x:%04x %04x:%04x", slot, class >> 8, vendor, device,
	         subvendor, subdevice);
	return sorted_add(lines, line);
}

void live_pci_scan(const char *path, struct answer *answer)
{
	cleanup_sorted struct sorted lines = SORTED_INIT;
	cleanup_dir DIR *devices = opendir(path);
	if (devices == NULL) {
		answer_set_errno(answer, errno, path);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(devices)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		int failed = add_function(dirfd(devices), entry->d_name, &lines);
		if (failed != 0) {
			answer_set_errno(answer, -failed, entry->d_name);
			answer->status = STATUS_FAILED; /* the bus is there */
			return;
		}
	}
	sorted_answer(&lines, answer);
}

void live_pci(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	live_pci_scan("/sys/bus/pci/devices", answer);
}
