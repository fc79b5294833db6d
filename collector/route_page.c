/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fleet at a glance: how it does, what broke it, what stands in the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/asked.h"
#include "collector/cohorts.h"
#include "collector/drift.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"

#define GAPS_MAX   10
#define CAUSES_MAX 3

static void write_tile(struct text *out, const char *query, const char *word, size_t count)
{
	text_printf(out, "<li><a href=\"/guests?%s\"><strong>%zu</strong>", query, count);
	html_mark(out, word);
	text_add(out, "</a></li>\n");
}

static void write_tiles(const struct fleet_sum *sum, struct text *out)
{
	text_add(out, "<ul class=\"tiles\">\n");
	for (size_t i = 0; i < FLEET_VERDICTS; i++) {
		char query[40];
		const char *word = fleet_verdict_names[i];
		snprintf(query, sizeof query, "verdict=%s", word);
		write_tile(out, query, word, sum->by_verdict[i]);
	}
	write_tile(out, "stale=true", "stale", sum->stale);
	text_add(out, "</ul>\n");
	html_bar(out, sum->by_verdict);
}

struct gaps {
	struct text *out;
	unsigned rows;
};

static int take_gap(void *context, const struct store_gap *row)
{
	struct gaps *gaps = context;
	struct text *out = gaps->out;
	if (gaps->rows++ == 0)
		text_add(out, "<table>\n<thead><tr><th scope=\"col\">gap</th><th scope=\"col\">"
		              "target</th><th scope=\"col\" class=\"number\">guests</th></tr>"
		              "</thead>\n<tbody>\n");
	text_add(out, "<tr><th scope=\"row\"><a href=\"/guests?gap=");
	html_url(out, row->gap);
	text_add(out, "&amp;target=");
	html_url(out, row->target);
	text_add(out, "\"><code>");
	html_text(out, row->gap);
	text_add(out, "</code></a></th>");
	html_cell(out, row->target);
	text_printf(out, "<td class=\"number\">%lld</td></tr>\n", (long long)row->guests);
	return gaps->rows == GAPS_MAX || out->failed ? 1 : 0;
}

static int write_gaps(struct store *store, struct text *out, struct error *err)
{
	const struct store_filter all = { .platform = NULL };
	struct gaps gaps = { out, 0 };
	text_add(out, "<section><h2>What stands in the way</h2>\n");
	int status = store->type->gaps(store, &all, take_gap, &gaps, err);
	text_add(out, gaps.rows == 0 ? "<p class=\"soft\">Nothing.</p>\n" : "</tbody>\n</table>\n");
	text_add(out, "</section>\n");
	return status;
}

/* What the page is made of. */
struct glance {
	struct cohort *platforms;
	size_t count, room;
	json_t *names; /* of platforms, where they are not the fleet's */
	struct fleet fleet;
	struct drift drift;
	bool failed; /* memory ran out */
};

static void clear_glance(struct glance *glance)
{
	free(glance->platforms);
	json_decref(glance->names);
	drift_clear(&glance->drift);
	fleet_clear(&glance->fleet);
}

/* One for each verdict and target, too: they are merged when all are there. */
static int take_group(void *context, const struct store_group *row)
{
	struct glance *glance = context;
	size_t verdict = fleet_verdict(row->verdict);
	if (glance->count == glance->room) {
		size_t room = glance->room == 0 ? 64 : 2 * glance->room;
		struct cohort *more = reallocarray(glance->platforms, room, sizeof *more);
		glance->failed = more == NULL;
		if (glance->failed)
			return 1;
		glance->platforms = more;
		glance->room = room;
	}
	json_t *name = json_string(row->platform);
	struct cohort *cohort = &glance->platforms[glance->count];
	glance->failed = json_array_append_new(glance->names, name) != 0;
	if (glance->failed)
		return 1;
	*cohort = (struct cohort){ .trait = TRAIT_PLATFORM,
		                   .value = json_string_value(name),
		                   .length = json_string_length(name),
		                   .sum = { .rows = (size_t)row->guests,
		                            .stale = (size_t)row->stale } };
	if (verdict < FLEET_VERDICTS)
		cohort->sum.by_verdict[verdict] = (size_t)row->guests;
	glance->count++;
	return 0;
}

/* Of all guests: the store counts them. */
static int read_whole(struct store *store, int64_t stale, struct glance *glance, struct error *err)
{
	glance->names = json_array();
	if (store->type->overview(store, stale, take_group, glance, err) != 0 ||
	    drift_read(store, &glance->drift, err) != 0)
		return -1;
	if (glance->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	cohorts_merge(glance->platforms, &glance->count);
	return 0;
}

static int read_part(struct store *store, const struct asked *asked, int64_t stale,
                     struct glance *glance, struct error *err)
{
	if (fleet_read(store, &asked->filter, &asked->choice, &glance->fleet, err) != 0)
		return -1;
	if (!drift_of(&glance->fleet, &glance->drift) ||
	    !cohorts_of(&glance->fleet, TRAIT_PLATFORM, stale, &glance->platforms, &glance->count))
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

static bool is_whole(const struct store_filter *filter)
{
	return filter->platform == NULL && filter->target == NULL && filter->verdict == NULL &&
	       filter->lab == NULL && filter->gap == NULL && filter->received_before == 0 &&
	       filter->received_since == 0;
}

static bool write_causes(const struct drift *drift, int64_t now, struct text *out)
{
	struct loss *list;
	size_t count;
	bool made = cohorts_losses(drift, &list, &count);
	for (size_t i = 0; made && i < count && i < CAUSES_MAX; i++) {
		if (list[i].trait != TRAIT_COUNT)
			page_cause(&list[i], now, out);
	}
	free(list);
	return made;
}

static void write_checks(size_t count, struct text *out)
{
	if (count == 0)
		text_add(out,
		         "<p>No guest reported so far. On a guest: <code>nestready --format json | "
		         "curl -H 'Content-Type: application/json' --data-binary @- URL/v1/reports"
		         "</code></p>\n");
	else
		text_printf(out,
		            "<p class=\"soft\">%zu checks of guests for targets, the newest of "
		            "each</p>\n",
		            count);
}

static int write_glance(struct exchange *exchange, struct store *store, const struct glance *glance,
                        struct error *err)
{
	struct text *out = &exchange->answer.text;
	struct fleet_sum sum = { .rows = 0 };
	for (size_t i = 0; i < glance->count; i++)
		fleet_sum_up(&sum, &glance->platforms[i].sum);
	html_begin(out, "Fleet", "/");
	text_add(out, "<div id=\"fleet\" data-live>\n");
	write_checks(sum.rows, out);
	write_tiles(&sum, out);
	if (!write_causes(&glance->drift, server_now(), out))
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	text_add(out, "<div class=\"columns\">\n");
	if (sum.rows > 0) {
		text_add(out, "<section><h2>Platforms</h2>\n");
		page_cohorts(glance->platforms, glance->count, "platform", out);
		text_add(out, "</section>\n");
		if (write_gaps(store, out, err) != 0)
			return -1;
	}
	text_add(out, "</div>\n</div>\n");
	html_end(out);
	return page_finish(exchange, err);
}

int route_page(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct glance glance = { .count = 0 };
	int64_t stale = asked_stale(exchange);
	if (!asked_read(exchange, &asked))
		return 0;
	int status = is_whole(&asked.filter) ? read_whole(store, stale, &glance, err)
	                                     : read_part(store, &asked, stale, &glance, err);
	if (status == 0)
		status = write_glance(exchange, store, &glance, err);
	clear_glance(&glance);
	return status;
}

static void answer_asset(struct exchange *exchange, const char *type, const char *text)
{
	exchange->answer.status = 200;
	exchange->answer.type = type;
	text_add(&exchange->answer.text, text);
}

void route_style(struct exchange *exchange)
{
	answer_asset(exchange, "text/css; charset=utf-8", html_style);
}

void route_script(struct exchange *exchange)
{
	answer_asset(exchange, "text/javascript; charset=utf-8", html_script);
}

void route_icon(struct exchange *exchange)
{
	answer_asset(exchange, "image/svg+xml", html_icon);
}
