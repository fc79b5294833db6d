/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the statuses, and what an errno means among them. */
#include "base/status.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const names[STATUS_COUNT] = {
	[STATUS_OBSERVED] = "observed", [STATUS_ABSENT] = "absent",   [STATUS_DENIED] = "denied",
	[STATUS_FAILED] = "failed",     [STATUS_SKIPPED] = "skipped",
};

const char *status_name(enum status status)
{
	return names[status];
}

bool status_parse(const char *word, enum status *status)
{
	for (int i = 0; i < STATUS_COUNT; i++) {
		if (strcmp(word, names[i]) == 0) {
			*status = (enum status)i;
			return true;
		}
	}
	return false;
}

enum status status_of_errno(int sys_errno)
{
	switch (sys_errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ENOTDIR:
		return STATUS_ABSENT;
	case EACCES:
	case EPERM:
	case EAFNOSUPPORT: /* of a socket, under systemd's RestrictAddressFamilies= */
		return STATUS_DENIED;
	default:
		return STATUS_FAILED;
	}
}
