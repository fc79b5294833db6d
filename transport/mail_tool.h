/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mailbox (mailbox.h) that another program writes: it is run step by step,
 * without a shell, and the last step prints the mailbox's line as it is stored.
 * That is when a report is delivered: nobody there answers.
 */
#ifndef NESTREADY_TRANSPORT_MAIL_TOOL_H
#define NESTREADY_TRANSPORT_MAIL_TOOL_H

#include <stdbool.h>

#include "transport/mailbox.h"
#include "transport/sink.h"

struct mail_tool {
	size_t piece, most; /* of its mailbox */
	/*
	 * Adds the words of step `n`, from 0 on, each with a NUL behind it, the program
	 * first.  False: there is no such step.
	 */
	bool (*step)(const struct mailbox *box, const char *key, size_t n, struct text *words);
};

/* Adds a word and its NUL. */
void mail_tool_add_word(struct text *words, const char *word);

/* An attempt to write the report to the key that the attempt's address names.  As sink->start. */
int mail_tool_start(struct attempt *attempt, const struct mail_tool *tool, struct error *err);

#endif
