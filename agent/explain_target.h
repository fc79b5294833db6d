/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target in full: what it requires and why, where it works, and what nesting it costs. */
#ifndef NESTREADY_AGENT_EXPLAIN_TARGET_H
#define NESTREADY_AGENT_EXPLAIN_TARGET_H

#include "report/knowledge.h"
#include "report/page.h"

void explain_target(const struct page *page, const struct target *target);

#endif
