/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no two machines may share, so that whoever collects reports sees copies:
 * digests of the machine-id and of the MAC addresses of physical adapters.  A
 * digest of a machine-id cannot be undone; one of a MAC address can, by trying
 * them all, and hides it from those only who do not.
 */
#ifndef NESTREADY_AGENT_MARKS_H
#define NESTREADY_AGENT_MARKS_H

#include "report/report.h"

/* Fills machine_id and macs of this machine; leaves out what cannot be read. */
void marks_fill(struct guest_identity *guest);

#endif
