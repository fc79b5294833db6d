/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cohorts, for programs. */
#include <string.h>

#include "collector/asked.h"
#include "collector/routes.h"
#include "collector/words.h"

static json_t *known(const char *text)
{
	return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *cohort_json(const struct cohort *cohort)
{
	const size_t *by_verdict = cohort->sum.by_verdict;
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "trait",
	                 standing_trait_names[cohort->trait], "value", known(cohort->value),
	                 "guests", (json_int_t)cohort->sum.rows, "ready",
	                 (json_int_t)by_verdict[FLEET_READY], "degraded",
	                 (json_int_t)by_verdict[FLEET_DEGRADED], "not-ready",
	                 (json_int_t)by_verdict[FLEET_NOT_READY], "indeterminate",
	                 (json_int_t)by_verdict[FLEET_INDETERMINATE], "stale",
	                 (json_int_t)cohort->sum.stale, "outlier", cohort->outlier);
}

static json_t *loss_json(const struct loss *loss)
{
	char first[WORD_TIME_SIZE], last[WORD_TIME_SIZE];
	word_time_write(loss->first, first);
	word_time_write(loss->last, last);
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:s, s:s}", "trait",
	                 loss->trait == TRAIT_COUNT
	                         ? json_null()
	                         : json_string(standing_trait_names[loss->trait]),
	                 "before", known(loss->before), "after", known(loss->after), "lost",
	                 (json_int_t)loss->lost, "kept", (json_int_t)loss->kept, "first", first,
	                 "last", last);
}

/* A page of all traits together, and what is behind it. */
struct page {
	json_t *rows;
	size_t cohorts[TRAIT_COUNT], guests[TRAIT_COUNT]; /* behind it */
	const struct cohort *last;
	bool failed;
};

static struct page page_of(const struct cohorts *cohorts, size_t limit)
{
	struct page page = { .rows = json_array() };
	const struct cohort *cohort;
	size_t taken[TRAIT_COUNT] = { 0 };
	for (int i = 0; i < TRAIT_COUNT; i++) {
		page.cohorts[i] = cohorts->of[i].cohorts;
		page.guests[i] = cohorts->of[i].guests;
	}
	for (size_t i = 0; i < limit && (cohort = cohorts_next(cohorts, taken)) != NULL; i++) {
		page.cohorts[cohort->trait]--;
		page.guests[cohort->trait] -= cohort->sum.rows;
		page.last = cohort;
		page.failed |= json_array_append_new(page.rows, cohort_json(cohort)) != 0;
	}
	return page;
}

static json_t *more_json(const struct page *page)
{
	json_t *more = json_array();
	for (int i = 0; i < TRAIT_COUNT; i++) {
		if (page->cohorts[i] > 0)
			json_array_append_new(
			        more, json_pack("{s:s, s:I, s:I}", "trait", standing_trait_names[i],
			                        "cohorts", (json_int_t)page->cohorts[i], "guests",
			                        (json_int_t)page->guests[i]));
	}
	return more;
}

static json_t *next_json(const json_t *more, const struct cohort *last)
{
	cleanup_text struct text next = TEXT_INIT;
	if (json_array_size(more) == 0 || last == NULL)
		return json_null();
	cohort_place_write(last, &next);
	return next.failed ? NULL : json_string(text_string(&next));
}

/* NULL on lack of memory. */
static json_t *answer_of(const struct cohorts *cohorts, size_t limit)
{
	struct page page = page_of(cohorts, limit);
	json_t *more = more_json(&page), *losses = json_array();
	for (size_t i = 0; i < cohorts->losses.count; i++)
		page.failed |=
		        json_array_append_new(losses, loss_json(cohorts_loss(cohorts, i))) != 0;
	json_t *answer = json_pack("{s:o, s:o, s:o, s:I, s:o}", "cohorts", page.rows, "more", more,
	                           "losses", losses, "more_losses",
	                           (json_int_t)(cohorts->loss_count - cohorts->losses.count),
	                           "next", next_json(more, page.last));
	if (!page.failed)
		return answer;
	json_decref(answer);
	return NULL;
}

int route_cohorts(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct cohorts cohorts;
	if (!asked_read_cohorts(exchange, &asked))
		return 0;
	const struct cohorts_wanted wanted = asked_cohorts(&asked);
	int status =
	        cohorts_read(store, &asked.filter, asked_stale(exchange), &wanted, &cohorts, err);
	if (status == 0)
		answer_json(&exchange->answer, answer_of(&cohorts, asked.limit));
	cohorts_clear(&cohorts);
	return status;
}
