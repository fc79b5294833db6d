/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last result of the MAC test, kept for runs that send nothing.  It is
 * evidence with an age, never a verdict: whoever runs the switch may have
 * changed it since.  It counts only on the boot, the platform and the MACs that
 * it was measured with, and for MAC_LAST_AGE.
 */
#ifndef NESTREADY_AGENT_MAC_LAST_H
#define NESTREADY_AGENT_MAC_LAST_H

#include "agent/supervisor.h"
#include "base/text.h"

#define MAC_LAST_FILE STATEDIR "/mac-test"
#define MAC_LAST_AGE  86400 /* seconds; a day of changes to a switch is plenty */

/* What a result is bound to, and when it is: both clocks, for one of them can be set. */
struct mac_last_moment {
	char boot_id[37];
	const char *platform; /* id, or "" */
	int64_t wall;         /* seconds */
	int64_t uptime;       /* seconds since the boot, suspended ones included */
	/* The MAC that an interface has; false when it is not there. */
	bool (*mac_of)(const char *nic, char mac[18]);
};

/* The text of the result that is in the facts; nothing is added where there is none. */
void mac_last_write(const struct fact_set *facts, const struct mac_last_moment *now,
                    struct text *out);

/*
 * Reads it back.  Adds to `says` what it said and how long ago, nothing when it
 * does not count here any more.  0, or -1: *err says what is no such text.
 */
int mac_last_read(const char *bytes, size_t length, const struct mac_last_moment *now,
                  struct text *says, struct error *err);

/* Keeps the result for later runs, if there is one and the caller may. */
void mac_last_keep(const struct supervision *found);

/* What is kept, if it counts here.  0, or -1: the file is damaged or not root's. */
int mac_last_find(const struct supervision *found, struct text *says, struct error *err);

#endif
