/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report says, in short: the same as long as nothing changed. */
#ifndef NESTREADY_AGENT_HEARTBEAT_H
#define NESTREADY_AGENT_HEARTBEAT_H

#include "base/sha256.h"
#include "report/report.h"

/* A whole report goes at least so often. */
#define HEARTBEAT_FULL_SECONDS 86400

/*
 * Of the verdict, its basis, the platform, each finding's outcome and gap, the other targets'
 * verdicts, whose report it is, and the facts by which guests are compared; not of what is measured
 * anew each time.  False on lack of memory.
 */
bool heartbeat_digest(const struct report *report, char digest[SHA256_HEX_SIZE]);

/* The heartbeat of this run (schema/heartbeat.schema.json), which stands for the report `full`. */
void heartbeat_write(const struct report *report, const char *digest, const char *full,
                     struct text *out);

#endif
