/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See text_others.h. */
#include "report/text_others.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_frame.h"

/* Lines that the answers may take of a screen of 24. */
#define ROWS_MAX 6

/* How much is said of each: causes that are named, the rest counted. */
enum words { WORDS_NONE, WORDS_ONE_CAUSE, WORDS_TWO_CAUSES };

/* One of the other targets, and what its verdict comes from. */
struct other {
	const struct judgment *judgment;
	struct item *items; /* NULL: nothing speaks against it */
	size_t count;
};

/* What stays the same while the answers are written. */
struct telling {
	const struct other *others;
	size_t other_count;
	const struct item *items;
	size_t count;
	enum words words;
};

/* Targets with the same answer. */
struct answer {
	struct text words;
	struct text ids;
	enum verdict verdict;
	const char *last; /* the id that was added last */
};

/* The number of the item with this cause among those shown; 0 when there is none. */
static size_t number_of(const struct telling *telling, const char *gap)
{
	for (size_t i = 0; gap != NULL && i < telling->count; i++) {
		const char *shown = telling->items[i].gap_id;
		if (shown != NULL && strcmp(gap, shown) == 0)
			return i + 1;
	}
	return 0;
}

/* Why another target's verdict is what it is: " (as in 1; No network adapter ...)". */
static void write_causes(const struct telling *telling, const struct other *other, struct text *out)
{
	static const enum item_kind kinds[] = {
		[VERDICT_READY] = ITEM_NONE,
		[VERDICT_DEGRADED] = ITEM_LACKS,
		[VERDICT_NOT_READY] = ITEM_STOPS,
		[VERDICT_INDETERMINATE] = ITEM_UNSETTLED,
	};
	const struct judgment *judgment = other->judgment;
	size_t most = telling->words;
	size_t causes = 0;
	for (size_t i = 0; i < other->count; i++) {
		const struct item *item = &other->items[i];
		if (item->kind != kinds[judgment->verdict] || causes++ >= most)
			continue;
		size_t number = number_of(telling, item->gap_id);
		text_add(out, causes == 1 ? " (" : "; ");
		if (number != 0)
			text_printf(out, "as in %zu", number);
		else
			item_title(item, judgment, out);
	}
	if (causes > most)
		text_printf(out, "; %zu more", causes - most);
	if (causes > 0)
		text_add(out, ")");
}

static void write_words(const struct telling *telling, const struct other *other, struct text *out)
{
	static const char *const words[] = {
		[VERDICT_READY] = "ready",
		[VERDICT_DEGRADED] = "degraded",
		[VERDICT_NOT_READY] = "not ready",
		[VERDICT_INDETERMINATE] = "not known",
	};
	static const char *const by[] = {
		[BASIS_PROVEN] = ", proven here",
		[BASIS_FLAGS] = ", by flags",
		[BASIS_IMPORTED] = ", by the recording",
	};
	const struct judgment *judgment = other->judgment;
	bool runs = judgment->verdict == VERDICT_READY || judgment->verdict == VERDICT_DEGRADED;
	text_add(out, words[judgment->verdict]);
	text_add(out, runs ? by[judgment->basis] : "");
	if (telling->words == WORDS_NONE) {
		text_add(out, runs && judgment->not_proven_count > 0 ? ", not all proven" : "");
		return;
	}
	write_causes(telling, other, out);
	if (runs && judgment->not_proven_count > 0) {
		text_add(out, ", NOT PROVEN: ");
		text_not_proven(judgment, out);
	}
}

/* The part of an id before its version: "esxi-" of esxi-8; 0 when it has none. */
static size_t before_version(const char *id)
{
	const char *dash = strrchr(id, '-');
	return dash != NULL && isdigit((unsigned char)dash[1]) ? (size_t)(dash + 1 - id) : 0;
}

void text_add_id(struct text *ids, const char **last, const char *id)
{
	size_t length = before_version(id);
	if (*last != NULL && length > 0 && before_version(*last) == length &&
	    strncmp(*last, id, length) == 0) {
		text_add(ids, "/");
		text_add(ids, id + length);
	} else {
		text_add(ids, *last == NULL ? "" : ", ");
		text_add(ids, id);
	}
	*last = id;
}

static void add_other(struct answer *answers, size_t *count, const struct telling *telling,
                      const struct other *other)
{
	struct text words = TEXT_INIT;
	struct answer *answer = answers;
	write_words(telling, other, &words);
	while (answer < answers + *count &&
	       strcmp(text_string(&answer->words), text_string(&words)) != 0)
		answer++;
	if (answer == answers + *count) {
		*answer = (struct answer){ .words = words, .verdict = other->judgment->verdict };
		++*count;
	} else {
		text_clear(&words);
	}
	text_add_id(&answer->ids, &answer->last, other->judgment->target->id);
}

static void write_answer(const struct page *page, const struct answer *answer)
{
	cleanup_text struct text line = TEXT_INIT;
	text_add(&line, text_string(&answer->words));
	text_add(&line, ": ");
	text_add(&line, text_string(&answer->ids));
	page->out->failed = page->out->failed || answer->words.failed || answer->ids.failed;
	page_wrap(page, PAGE_PLAIN, " ", 3, text_string(&line));
}

/* The answers with so many words; false when they take more lines than there are. */
static bool write_answers(const struct page *page, const struct telling *telling)
{
	static const enum verdict order[] = { VERDICT_READY, VERDICT_DEGRADED,
		                              VERDICT_INDETERMINATE, VERDICT_NOT_READY };
	struct answer *answers = calloc(telling->other_count, sizeof *answers);
	size_t count = 0;
	if (answers == NULL) {
		page->out->failed = true;
		return true;
	}
	size_t most = telling->words == WORDS_NONE ? telling->other_count : ROWS_MAX;
	for (size_t i = 0; i < telling->other_count && count <= most; i++)
		add_other(answers, &count, telling, &telling->others[i]);
	for (size_t rank = 0; rank < sizeof order / sizeof order[0] && count <= most; rank++) {
		for (size_t i = 0; i < count; i++) {
			if (answers[i].verdict == order[rank])
				write_answer(page, &answers[i]);
		}
	}
	for (size_t i = 0; i < count; i++) {
		text_clear(&answers[i].words);
		text_clear(&answers[i].ids);
	}
	free(answers);
	return telling->words == WORDS_NONE ||
	       (count <= most && page_rows(page, page->out) <= ROWS_MAX);
}

/* What is said of the others, in as many words as there are lines for. */
static void tell(const struct page *page, struct telling *telling)
{
	for (;; telling->words--) {
		cleanup_text struct text draft = TEXT_INIT;
		const struct page paper = { &draft, page->columns, page->colour };
		if (!write_answers(&paper, telling))
			continue;
		page_wrap(page, PAGE_STRONG, "Other targets", 1, "");
		text_add(page->out, text_string(&draft));
		page->out->failed = page->out->failed || draft.failed;
		return;
	}
}

void text_others(const struct page *page, const struct report *report, const struct item *items,
                 size_t count)
{
	size_t other_count = report->other_count;
	struct other *others = calloc(other_count + 1, sizeof *others);
	if (others == NULL)
		page->out->failed = true;
	if (others == NULL || other_count == 0) {
		free(others);
		return;
	}
	for (size_t i = 0; i < other_count; i++) {
		others[i].judgment = &report->others[i];
		if (report->others[i].verdict != VERDICT_READY &&
		    items_collect(&report->others[i], report->platform.platform, report->facts,
		                  NULL, &others[i].items, &others[i].count) != 0)
			page->out->failed = true;
	}
	struct telling telling = { others, other_count, items, count, WORDS_TWO_CAUSES };
	tell(page, &telling);
	for (size_t i = 0; i < other_count; i++)
		free(others[i].items);
	free(others);
}
