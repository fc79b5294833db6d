/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cohorts, for programs and for people. */
#include <stdlib.h>

#include "collector/asked.h"
#include "collector/cohorts.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"
#include "collector/words.h"

/* ---- JSON ------------------------------------------------------------------- */

static json_t *piece(const char *text, size_t length)
{
	return length == 0 ? json_null() : json_stringn(text, length);
}

static json_t *cohort_json(const struct cohort *cohort)
{
	const size_t *by_verdict = cohort->sum.by_verdict;
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "trait",
	                 standing_trait_names[cohort->trait], "value",
	                 piece(cohort->value, cohort->length), "guests",
	                 (json_int_t)cohort->sum.rows, "ready", (json_int_t)by_verdict[FLEET_READY],
	                 "degraded", (json_int_t)by_verdict[FLEET_DEGRADED], "not-ready",
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
	                 "before", piece(loss->before, loss->before_length), "after",
	                 piece(loss->after, loss->after_length), "lost", (json_int_t)loss->lost,
	                 "kept", (json_int_t)loss->kept, "first", first, "last", last);
}

static bool add_cohorts(const struct census *census, json_t *to)
{
	bool made = true;
	for (int trait = 0; made && trait < TRAIT_COUNT; trait++) {
		struct cohort *list;
		size_t count;
		made = cohorts_of(census, (enum trait)trait, &list, &count);
		for (size_t i = 0; made && i < count; i++)
			made = json_array_append_new(to, cohort_json(&list[i])) == 0;
		free(list);
	}
	return made;
}

static bool add_losses(const struct census *census, json_t *to)
{
	struct loss *list = NULL;
	size_t count;
	bool made = cohorts_losses(census, &list, &count);
	for (size_t i = 0; made && i < count; i++)
		made = json_array_append_new(to, loss_json(&list[i])) == 0;
	free(list);
	return made;
}

int route_cohorts(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct census census;
	if (!asked_read(exchange, &asked))
		return 0;
	int status = census_read(store, &asked.filter, asked_stale(exchange), &census, err);
	json_t *cohorts = json_array(), *losses = json_array();
	bool made = status == 0 && add_cohorts(&census, cohorts) && add_losses(&census, losses);
	json_t *json = made ? json_pack("{s:O, s:O}", "cohorts", cohorts, "losses", losses) : NULL;
	json_decref(cohorts);
	json_decref(losses);
	if (status == 0)
		answer_json(&exchange->answer, json);
	census_clear(&census);
	return status;
}

/* ---- the page --------------------------------------------------------------- */

/* A trait that every guest has a value of its own in says nothing. */
#define COHORTS_MAX 30

static bool write_trait(const struct census *census, enum trait trait, struct text *out)
{
	struct cohort *list;
	size_t count;
	bool made = cohorts_of(census, trait, &list, &count);
	if (made) {
		text_printf(out, "<h2>%s</h2>\n", page_trait_title(trait));
		page_cohorts(list, count < COHORTS_MAX ? count : COHORTS_MAX,
		             standing_trait_names[trait], out);
	}
	if (made && count > COHORTS_MAX)
		text_printf(out, "<p class=\"soft\">and %zu smaller ones</p>\n",
		            count - COHORTS_MAX);
	free(list);
	return made;
}

static bool write_losses(const struct census *census, struct text *out)
{
	struct loss *list = NULL;
	size_t count;
	bool made = cohorts_losses(census, &list, &count);
	text_add(out, "<h2>Readiness lost after what changed</h2>\n");
	for (size_t i = 0; made && i < count; i++) {
		if (list[i].trait != TRAIT_COUNT)
			page_cause(&list[i], server_now(), out);
		else
			text_printf(out, "<p>%zu lost readiness while none of these changed.</p>\n",
			            list[i].lost);
	}
	if (made && count == 0)
		text_add(out, "<p class=\"soft\">No guest that was ready is not-ready now.</p>\n");
	free(list);
	return made;
}

int route_page_cohorts(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct census census;
	struct text *out = &exchange->answer.text;
	if (!asked_read(exchange, &asked))
		return 0;
	int status = census_read(store, &asked.filter, asked_stale(exchange), &census, err);
	html_begin(out, "Cohorts", "/cohorts");
	text_add(
	        out,
	        "<p class=\"soft\">Guests that are alike. An outlier is worse than the rest of the "
	        "fleet by more than chance explains.</p>\n<div id=\"cohorts\" data-live>\n");
	bool made = status == 0 && write_losses(&census, out);
	for (int trait = 0; made && census.alike_count > 0 && trait < TRAIT_COUNT; trait++)
		made = write_trait(&census, (enum trait)trait, out);
	text_add(out, "</div>\n");
	html_end(out);
	census_clear(&census);
	if (status == 0 && !made)
		status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return status == 0 ? page_finish(exchange, err) : status;
}
