/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fleet at a glance: how it does, what broke it, what stands in the way. */
#include <stdio.h>
#include <stdlib.h>

#include "collector/asked.h"
#include "collector/cohorts.h"
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

static bool write_causes(const struct census *census, int64_t now, struct text *out)
{
	struct loss *list;
	size_t count;
	bool made = cohorts_losses(census, &list, &count);
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

static int write_glance(struct exchange *exchange, struct store *store, const struct census *census,
                        const struct cohort *platforms, size_t count, struct error *err)
{
	struct text *out = &exchange->answer.text;
	struct fleet_sum sum = { .rows = 0 };
	for (size_t i = 0; i < count; i++)
		fleet_sum_up(&sum, &platforms[i].sum);
	html_begin(out, "Fleet", "/");
	text_add(out, "<div id=\"fleet\" data-live>\n");
	write_checks(sum.rows, out);
	write_tiles(&sum, out);
	if (!write_causes(census, server_now(), out))
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	text_add(out, "<div class=\"columns\">\n");
	if (sum.rows > 0) {
		text_add(out, "<section><h2>Platforms</h2>\n");
		page_cohorts(platforms, count, "platform", out);
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
	struct census census;
	struct cohort *platforms = NULL;
	size_t count;
	if (!asked_read(exchange, &asked))
		return 0;
	int status = census_read(store, &asked.filter, asked_stale(exchange), &census, err);
	if (status == 0 && !cohorts_of(&census, TRAIT_PLATFORM, &platforms, &count))
		status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (status == 0)
		status = write_glance(exchange, store, &census, platforms, count, err);
	free(platforms);
	census_clear(&census);
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
