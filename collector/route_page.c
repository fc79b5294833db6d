/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fleet at a glance: how it does, what broke it, what stands in the way. */
#include <stdio.h>

#include "collector/asked.h"
#include "collector/cohorts.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"

#define GAPS_MAX      10
#define CAUSES_MAX    3
#define PLATFORMS_MAX 30

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

static void write_causes(const struct cohorts *cohorts, int64_t now, struct text *out)
{
	for (size_t i = 0; i < cohorts->losses.count && i < CAUSES_MAX; i++) {
		const struct loss *loss = cohorts_loss(cohorts, i);
		if (loss->trait != TRAIT_COUNT)
			page_cause(loss, now, out);
	}
}

/* Those that are not shown have a page. */
static void write_platforms(const struct cohort_list *platforms, struct text *out)
{
	text_add(out, "<section><h2>Platforms</h2>\n");
	page_cohorts(platforms, "platform", out);
	if (platforms->cohorts > platforms->best.count)
		text_printf(out, "<p><a href=\"/cohorts?trait=platform\">and %zu more</a></p>\n",
		            platforms->cohorts - platforms->best.count);
	text_add(out, "</section>\n");
}

static void write_checks(size_t count, struct text *out)
{
	if (count == 0)
		text_add(out,
		         "<p>No guest reported so far. On a guest: <code>nestready --format json | "
		         "curl -H 'Content-Type: application/json' --data-binary @- URL/v1/reports"
		         "</code></p>\n");
	else if (count == 1)
		text_add(out, "<p class=\"soft\">1 check of a guest for a target</p>\n");
	else
		text_printf(out,
		            "<p class=\"soft\">%zu checks of guests for targets, the newest of "
		            "each</p>\n",
		            count);
}

static int write_glance(struct exchange *exchange, struct store *store,
                        const struct cohorts *cohorts, struct error *err)
{
	struct text *out = &exchange->answer.text;
	html_begin(out, "Fleet", "/");
	text_add(out, "<div id=\"fleet\" data-live>\n");
	write_checks(cohorts->all.rows, out);
	write_tiles(&cohorts->all, out);
	write_causes(cohorts, server_now(), out);
	text_add(out, "<div class=\"columns\">\n");
	if (cohorts->all.rows > 0) {
		write_platforms(&cohorts->of[TRAIT_PLATFORM], out);
		if (write_gaps(store, out, err) != 0)
			return -1;
	}
	text_add(out, "</div>\n</div>\n");
	html_end(out);
	return page_finish(exchange, err);
}

int route_page(struct exchange *exchange, struct store *store, struct error *err)
{
	static const struct cohorts_wanted wanted = { .traits = 1u << TRAIT_PLATFORM,
		                                      .limit = PLATFORMS_MAX };
	struct asked asked;
	struct cohorts cohorts;
	if (!asked_read(exchange, &asked))
		return 0;
	int status =
	        cohorts_read(store, &asked.filter, asked_stale(exchange), &wanted, &cohorts, err);
	if (status == 0)
		status = write_glance(exchange, store, &cohorts, err);
	cohorts_clear(&cohorts);
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
