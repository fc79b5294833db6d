/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets that a command line may name things of, each in the form of choice.h. */
#ifndef NESTREADY_AGENT_KNOWN_H
#define NESTREADY_AGENT_KNOWN_H

#include <stddef.h>

const char *known_target_at(size_t index);
const char *known_format_at(size_t index);
const char *known_tool_at(size_t index); /* of any remedy; a tool may come more than once */
const char *known_page_at(size_t index); /* findings and gaps: what explain explains */

#endif
