/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets that a command line may name things of, each in the form of choice.h. */
#ifndef NESTREADY_AGENT_KNOWN_H
#define NESTREADY_AGENT_KNOWN_H

#include "agent/choice.h"

extern const struct choice known_targets;
extern const struct choice known_formats;
extern const struct choice known_tools; /* of any remedy; a tool may come more than once */
extern const struct choice
        known_pages; /* findings, gaps, targets, platforms: what explain explains */

#endif
