/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns that both SQL stores read a struct store_report of, behind its id, in one order. */
#ifndef NESTREADY_COLLECTOR_COLUMNS_H
#define NESTREADY_COLLECTOR_COLUMNS_H

#define STORE_COLUMNS                                                                              \
	"guest, lab, name, hostname, platform, target, verdict, basis, agent, seq, time, received"

#endif
