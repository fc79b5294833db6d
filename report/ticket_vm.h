/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which VM a ticket is about, as far as its guest can tell, and how its administrator finds it. */
#ifndef NESTREADY_REPORT_TICKET_VM_H
#define NESTREADY_REPORT_TICKET_VM_H

#include "report/page.h"
#include "report/ticket.h"

/* "LABEL:      text", wrapped under the text. */
void ticket_line(const struct page *page, const char *label, const char *text);

/* Name and UUID; the command that finds it is for `tool` where there is one. */
void ticket_vm(const struct page *page, const struct report *report,
               const struct ticket_options *options, const char *tool);

void ticket_platform(const struct page *page, const struct report *report);

#endif
