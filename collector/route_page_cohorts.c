/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cohorts, for people: the first of each trait, or all of one, a page at a time. */
#include "collector/asked.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"

/* A trait that every guest has a value of its own in says nothing. */
#define FIRST_MAX 30

static void write_link(struct text *out, const struct asked *asked, enum trait trait,
                       const struct cohort *after)
{
	static const char *const replaced[] = { "trait", "cursor", NULL };
	text_printf(out, "<a href=\"/cohorts?trait=%s", standing_trait_names[trait]);
	if (after != NULL) {
		text_add(out, "&amp;cursor=");
		cohort_place_write(after, out);
	}
	asked_again(asked, replaced, out);
	text_add(out, "\">");
}

/* What is not on the page, and the way there. */
static void write_more(const struct asked *asked, enum trait trait, const struct cohort_list *list,
                       struct text *out)
{
	size_t guests = list->guests;
	for (size_t i = 0; i < list->best.count; i++)
		guests -= cohorts_at(list, i)->sum.rows;
	if (list->cohorts == list->best.count)
		return;
	text_add(out, "<p>");
	write_link(out, asked, trait, cohorts_at(list, list->best.count - 1));
	text_printf(out, "and %zu more %s with %zu %s</a></p>\n", list->cohorts - list->best.count,
	            list->cohorts - list->best.count == 1 ? "cohort" : "cohorts", guests,
	            guests == 1 ? "guest" : "guests");
}

static void write_trait(const struct asked *asked, enum trait trait, const struct cohort_list *list,
                        struct text *out)
{
	if (list->best.count == 0)
		return;
	text_printf(out, "<h2>%s</h2>\n", page_trait_title(trait));
	page_cohorts(list, standing_trait_names[trait], out);
	write_more(asked, trait, list, out);
}

static void write_losses(const struct cohorts *cohorts, struct text *out)
{
	size_t count = cohorts->losses.count;
	text_add(out, "<h2>Readiness lost after what changed</h2>\n");
	for (size_t i = 0; i < count; i++) {
		const struct loss *loss = cohorts_loss(cohorts, i);
		if (loss->trait != TRAIT_COUNT)
			page_cause(loss, server_now(), out);
		else
			text_printf(out, "<p>%zu lost readiness while none of these changed.</p>\n",
			            loss->lost);
	}
	if (cohorts->loss_count > count)
		text_printf(out, "<p class=\"soft\">and %zu more changes</p>\n",
		            cohorts->loss_count - count);
	if (count == 0)
		text_add(out, "<p class=\"soft\">No guest that was ready is not-ready now.</p>\n");
}

static void write_cohorts(const struct asked *asked, const struct cohorts *cohorts,
                          struct text *out)
{
	html_begin(out, "Cohorts", "/cohorts");
	text_add(
	        out,
	        "<p class=\"soft\">Guests that are alike. An outlier is worse than the rest of the "
	        "fleet by more than chance explains.</p>\n<div id=\"cohorts\" data-live>\n");
	if (asked->trait == TRAIT_COUNT)
		write_losses(cohorts, out);
	else
		text_add(out, "<p><a href=\"/cohorts\">All cohorts</a></p>\n");
	for (int trait = 0; trait < TRAIT_COUNT; trait++)
		write_trait(asked, (enum trait)trait, &cohorts->of[trait], out);
	text_add(out, "</div>\n");
	html_end(out);
}

int route_page_cohorts(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct cohorts cohorts;
	if (!asked_read_cohorts(exchange, &asked))
		return 0;
	struct cohorts_wanted wanted = asked_cohorts(&asked);
	if (asked.trait == TRAIT_COUNT)
		wanted.limit = FIRST_MAX;
	int status =
	        cohorts_read(store, &asked.filter, asked_stale(exchange), &wanted, &cohorts, err);
	if (status == 0) {
		write_cohorts(&asked, &cohorts, &exchange->answer.text);
		status = page_finish(exchange, err);
	}
	cohorts_clear(&cohorts);
	return status;
}
