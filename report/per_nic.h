/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The finding about the network, for each interface that was tested: the
 * finding itself is that of the worst one.  An id stands in a report once, so
 * these are members of it.
 */
#ifndef NESTREADY_REPORT_PER_NIC_H
#define NESTREADY_REPORT_PER_NIC_H

#include "report/report.h"

#define PER_NIC_MAX 8

struct nic_finding {
	char nic[16];
	const char *word; /* these two of the facts */
	const char *confidence;
	enum outcome outcome;
	const char *gap; /* NULL unless it failed */
};

/* Judges the requirement on each interface of the facts.  Returns how many; -1 on lack of memory.
 */
int per_nic_judge(const struct requirement *requirement, const struct fact_set *facts,
                  struct nic_finding list[PER_NIC_MAX]);

#endif
