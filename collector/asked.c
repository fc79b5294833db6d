/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict: a filter that is mistyped must not look like an answer about everything. */
#include "collector/asked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/html.h"
#include "collector/words.h"

#define LIMIT_MAX 1000
#define PAGE_MAX  1000000

const char *const asked_students_names[STUDENTS_ORDERS] = { "student", "points", "seen" };
const char *const asked_show_names[SHOW_COUNT] = { "all", "open", "flagged", "silent" };

/* What asks. */
enum {
	LIST = 1,
	GUESTS = 2,
	FLEET = 4,
	LAB = 8,
	COHORTS = 16,
	ROWS = LIST | GUESTS | FLEET, /* of one guest or report each */
	LISTS = ROWS | COHORTS,
	ANY = LISTS | LAB
};

struct reading {
	struct exchange *exchange;
	struct asked *asked;
	unsigned kind;
};

static bool read_number(const char *value, int64_t least, int64_t most, int64_t *number)
{
	char *end;
	errno = 0;
	*number = strtoll(value, &end, 10);
	return value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 &&
	       *number >= least && *number <= most;
}

static bool take_platform(struct reading *reading, const char *value)
{
	reading->asked->filter.platform = value;
	return true;
}

static bool take_target(struct reading *reading, const char *value)
{
	reading->asked->filter.target = value;
	return true;
}

static bool take_verdict(struct reading *reading, const char *value)
{
	static const char *const words[] = { "ready", "degraded", "not-ready", "indeterminate" };
	reading->asked->filter.verdict = value;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], value) == 0)
			return true;
	}
	return false;
}

static bool take_lab(struct reading *reading, const char *value)
{
	reading->asked->filter.lab = value;
	return true;
}

static bool take_gap(struct reading *reading, const char *value)
{
	reading->asked->filter.gap = value;
	return true;
}

static bool take_stale(struct reading *reading, const char *value)
{
	int64_t since = asked_stale(reading->exchange);
	if (strcmp(value, "true") == 0)
		reading->asked->filter.received_before = since;
	else if (strcmp(value, "false") == 0)
		reading->asked->filter.received_since = since;
	else
		return false;
	return true;
}

static bool take_before(struct reading *reading, const char *value)
{
	int64_t *to = &reading->asked->filter.received_before;
	*to = word_is_time(value) ? word_time_ms(value) : -1;
	return *to > 0;
}

static bool take_since(struct reading *reading, const char *value)
{
	int64_t *to = &reading->asked->filter.received_since;
	*to = word_is_time(value) ? word_time_ms(value) : -1;
	return *to > 0;
}

static bool take_limit(struct reading *reading, const char *value)
{
	int64_t limit;
	if (!read_number(value, 1, LIMIT_MAX, &limit))
		return false;
	reading->asked->limit = (unsigned)limit;
	return true;
}

/* GUEST.TARGET in a list of guests, a number in a list of reports. */
static bool take_cursor(struct reading *reading, const char *value)
{
	struct asked *asked = reading->asked;
	const size_t length = sizeof asked->cursor_guest - 1;
	if (read_number(value, 1, INT64_MAX, &asked->cursor))
		return true;
	if (strspn(value, "0123456789abcdef") != length || value[length] != '.' ||
	    !word_is_id(value + length + 1) ||
	    strlen(value + length + 1) >= sizeof asked->cursor_target)
		return false;
	memcpy(asked->cursor_guest, value, length);
	text_cut(asked->cursor_target, sizeof asked->cursor_target, value + length + 1);
	return true;
}

static bool take_place(struct reading *reading, const char *value)
{
	reading->asked->has_place = cohort_place_read(value, &reading->asked->place);
	return reading->asked->has_place;
}

static bool take_all(struct reading *reading, const char *value)
{
	reading->asked->all = strcmp(value, "true") == 0;
	return reading->asked->all || strcmp(value, "false") == 0;
}

static bool take_search(struct reading *reading, const char *value)
{
	reading->asked->choice.search = value;
	return true;
}

static int find_word(const char *const words[], int count, const char *value)
{
	int found = 0;
	while (found < count && strcmp(words[found], value) != 0)
		found++;
	return found;
}

static bool take_trait(struct reading *reading, const char *value)
{
	int found = find_word(standing_trait_names, TRAIT_COUNT, value);
	reading->asked->trait = (enum trait)found;
	return found < TRAIT_COUNT;
}

static bool take_sort(struct reading *reading, const char *value)
{
	int found = find_word(fleet_order_names, FLEET_ORDERS, value);
	reading->asked->order = (enum fleet_order)found;
	return found < FLEET_ORDERS;
}

static bool take_students(struct reading *reading, const char *value)
{
	int found = find_word(asked_students_names, STUDENTS_ORDERS, value);
	reading->asked->students = (enum asked_students)found;
	return found < STUDENTS_ORDERS;
}

static bool take_show(struct reading *reading, const char *value)
{
	int found = find_word(asked_show_names, SHOW_COUNT, value);
	reading->asked->show = (enum asked_show)found;
	return found < SHOW_COUNT;
}

static bool take_order(struct reading *reading, const char *value)
{
	reading->asked->descending = strcmp(value, "descending") == 0;
	return reading->asked->descending || strcmp(value, "ascending") == 0;
}

static bool take_page(struct reading *reading, const char *value)
{
	int64_t page;
	if (!read_number(value, 1, PAGE_MAX, &page))
		return false;
	reading->asked->page = (unsigned)page;
	return true;
}

static const struct argument {
	const char *name;
	bool (*take)(struct reading *reading, const char *value); /* NULL: the trait of that name */
	const char *expected;
	unsigned kinds; /* of what may ask it */
} arguments[] = {
	{ "platform", take_platform, "the id of a platform", LISTS },
	{ "target", take_target, "the id of a target", LISTS },
	{ "verdict", take_verdict, "ready, degraded, not-ready or indeterminate", LISTS },
	{ "lab", take_lab, "the name of a lab", LISTS },
	{ "stale", take_stale, "true or false", LISTS },
	{ "before", take_before, "a time like 2026-01-02T03:04:05Z", LISTS },
	{ "since", take_since, "a time like 2026-01-02T03:04:05Z", LISTS },
	{ "limit", take_limit, "1 to 1000", ANY },
	{ "cursor", take_cursor, "the `next` of the page before", ROWS },
	{ "all", take_all, "true or false", ROWS },
	{ "gap", take_gap, "the id of a gap", GUESTS | FLEET },
	{ "search", take_search, "a piece of a name", FLEET | LAB },
	{ "sort", take_sort, "the name of a column", FLEET },
	{ "order", take_order, "ascending or descending", FLEET | LAB },
	{ "page", take_page, "a number from 1", FLEET | LAB },
	{ "platform-version", NULL, "a version", FLEET },
	{ "cpu", NULL, "a CPU", FLEET },
	{ "microcode", NULL, "a revision", FLEET },
	{ "kernel", NULL, "a kernel", FLEET },
	{ "trait", take_trait, "platform, platform-version, cpu, microcode or kernel", COHORTS },
	{ "cursor", take_place, "the `next` of the page before", COHORTS },
	{ "sort", take_students, "student, points or seen", LAB },
	{ "show", take_show, "all, open, flagged or silent", LAB },
};

#define ARGUMENT_COUNT (sizeof arguments / sizeof arguments[0])

_Static_assert(ARGUMENT_COUNT <= ASKED_GIVEN_MAX, "each may be given");

static bool take(const struct argument *argument, struct reading *reading, const char *value)
{
	if (argument->take != NULL)
		return argument->take(reading, value);
	/* Which words there are is in the reports. */
	for (size_t i = 0; i < TRAIT_COUNT; i++)
		if (strcmp(standing_trait_names[i], argument->name) == 0)
			reading->asked->choice.trait[i] = value;
	return true;
}

static void note_given(struct asked *asked, const char *name, const char *value)
{
	size_t i = 0;
	while (i < asked->given_count && strcmp(asked->given[i].name, name) != 0)
		i++;
	asked->given[i].name = name;
	asked->given[i].value = value;
	asked->given_count += i == asked->given_count;
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
	struct reading *reading = context;
	char detail[120];
	(void)kind;
	for (size_t i = 0; i < ARGUMENT_COUNT; i++) {
		if (strcmp(arguments[i].name, name) != 0 ||
		    (arguments[i].kinds & reading->kind) == 0)
			continue;
		/* A form sends what was left open, too. */
		if (value != NULL && value[0] == '\0')
			return MHD_YES;
		if (value != NULL && take(&arguments[i], reading, value)) {
			note_given(reading->asked, arguments[i].name, value);
			return MHD_YES;
		}
		snprintf(detail, sizeof detail, "%s: expected %s", name, arguments[i].expected);
		answer_problem(&reading->exchange->answer, 400, "argument", "Mistyped", detail);
		return MHD_NO;
	}
	snprintf(detail, sizeof detail, "%.60s: no such argument", name);
	answer_problem(&reading->exchange->answer, 400, "argument", "Mistyped", detail);
	return MHD_NO;
}

static bool read_all(struct exchange *exchange, struct asked *asked, unsigned kind)
{
	struct reading reading = { exchange, asked, kind };
	*asked = (struct asked){ .limit = ASKED_LIMIT, .page = 1, .trait = TRAIT_COUNT };
	MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, take_argument,
	                          &reading);
	return exchange->answer.status == 0;
}

bool asked_read(struct exchange *exchange, struct asked *asked)
{
	return read_all(exchange, asked, LIST);
}

bool asked_read_guests(struct exchange *exchange, struct asked *asked)
{
	return read_all(exchange, asked, GUESTS);
}

bool asked_read_cohorts(struct exchange *exchange, struct asked *asked)
{
	return read_all(exchange, asked, COHORTS);
}

bool asked_read_page(struct exchange *exchange, struct asked *asked)
{
	return read_all(exchange, asked, FLEET);
}

bool asked_read_lab(struct exchange *exchange, struct asked *asked)
{
	return read_all(exchange, asked, LAB);
}

struct cohorts_wanted asked_cohorts(const struct asked *asked)
{
	return (struct cohorts_wanted){ .traits = asked->trait == TRAIT_COUNT ? COHORTS_EVERY_TRAIT
		                                                              : 1u << asked->trait,
		                        .limit = asked->limit,
		                        .after = asked->has_place ? &asked->place.cohort : NULL };
}

const char *asked_given(const struct asked *asked, const char *name)
{
	size_t i = 0;
	while (i < asked->given_count && strcmp(asked->given[i].name, name) != 0)
		i++;
	return i < asked->given_count ? asked->given[i].value : NULL;
}

void asked_again(const struct asked *asked, const char *const but[], struct text *out)
{
	for (size_t i = 0; i < asked->given_count; i++) {
		size_t left_out = 0;
		while (but[left_out] != NULL && strcmp(but[left_out], asked->given[i].name) != 0)
			left_out++;
		if (but[left_out] != NULL)
			continue;
		text_printf(out, "&amp;%s=", asked->given[i].name);
		html_url(out, asked->given[i].value);
	}
}

int64_t asked_stale(const struct exchange *exchange)
{
	return server_now() - (int64_t)exchange->server->settings->stale_s * 1000;
}
