/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heartbeat as it came in: a guest says that a report of its still holds.  Pure: bytes in, a
 * value or one line of complaint out.
 */
#ifndef NESTREADY_COLLECTOR_HEARTBEAT_H
#define NESTREADY_COLLECTOR_HEARTBEAT_H

#include "collector/store.h"

struct heartbeat {
	char id[37];
	char name[INTAKE_NAME_MAX + 1]; /* as that of an intake */
	struct store_heard heard;
};

/*
 * Of a token's lab.  0; or -1 and *err, ERROR_BAD_INPUT: it is no JSON, or no heartbeat;
 * `*well_formed` says whether it was JSON at all.
 */
int heartbeat_read(const char *bytes, size_t length, const char *lab, struct heartbeat *heartbeat,
                   bool *well_formed, struct error *err);

#endif
