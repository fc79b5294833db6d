/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One student of a lab: each mark, why it is so, and what would mend it. */
#include <stdio.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/asked.h"
#include "collector/html.h"
#include "collector/lab.h"
#include "collector/page_parts.h"
#include "collector/routes.h"
#include "collector/words.h"

static void write_fix(const json_t *item, struct text *out)
{
	const json_t *fix = json_object_get(item, "fix"), *steps = json_object_get(fix, "steps");
	size_t i;
	json_t *step;
	if (json_array_size(steps) == 0)
		return;
	text_add(out, "<div class=\"remedy\"><p>Fix, by ");
	html_text(out, json_at_text(fix, "who"));
	if (json_is_true(json_object_get(fix, "power_off")))
		text_add(out, "; VM powered off, a reboot is not enough");
	text_add(out, "</p><pre>");
	json_array_foreach(steps, i, step)
	{
		html_text(out, json_string_value(step));
		text_add(out, "\n");
	}
	text_add(out, "</pre></div>");
}

static void write_item(const json_t *item, struct text *out)
{
	const json_t *override = json_object_get(item, "override");
	text_add(out, "<tr id=\"item-");
	html_text(out, json_at_text(item, "id"));
	text_add(out, "\" data-verdict=\"");
	html_text(out, json_at_text(item, "state"));
	text_add(out, "\"><th scope=\"row\">");
	html_text(out, json_at_text(item, "title"));
	text_add(out, "<br>");
	html_mark(out, json_at_text(item, "state"));
	text_printf(out, " <small class=\"nowrap\">%g of %g</small></th><td>",
	            json_at_number(item, "points"), json_at_number(item, "possible"));
	html_text(out, json_at_text(item, "reason"));
	if (json_at_text(item, "gap")[0] != '\0') {
		text_add(out, " <code>");
		html_text(out, json_at_text(item, "gap"));
		text_add(out, "</code>");
	}
	if (override != NULL) {
		text_add(out, "<p class=\"soft\">by ");
		html_text(out, json_at_text(override, "who"));
		text_add(out, "</p>");
	}
	write_fix(item, out);
	if (json_at_text(item, "report")[0] != '\0') {
		text_add(out, "<p><a href=\"/v1/reports/");
		html_url(out, json_at_text(item, "report"));
		text_add(out, "\">the report that counts</a></p>");
	}
	text_add(out, "</td></tr>\n");
}

static void write_flag(const json_t *flag, struct text *out)
{
	size_t i;
	json_t *other;
	text_add(out, "<div class=\"cause\"><p><strong>");
	html_text(out, json_at_text(flag, "flag"));
	text_add(out, "</strong>: ");
	html_text(out, json_at_text(flag, "what"));
	json_array_foreach(json_object_get(flag, "with"), i, other)
	{
		text_add(out, i == 0 ? " " : ", ");
		html_text(out, json_string_value(other));
	}
	json_int_t more = json_integer_value(json_object_get(flag, "more"));
	if (more > 0)
		text_printf(out, " and %" JSON_INTEGER_FORMAT " more", more);
	text_add(out, "</p></div>\n");
}

static void write_head(const struct lab *lab, const json_t *whole, int64_t now, struct text *out)
{
	const char *name = json_at_text(whole, "name");
	html_begin(out, name[0] == '\0' ? json_at_text(whole, "student") : name, "");
	text_add(out, "<p>");
	html_text(out, json_at_text(whole, "student"));
	text_add(out, " in <a href=\"/labs/");
	html_url(out, lab->name);
	text_add(out, "\">");
	html_text(out, json_at_text(lab->rubric, "title"));
	text_printf(
	        out,
	        "</a></p>\n<div id=\"student\" data-live>\n<p><strong>%g of %g points</strong>, "
	        "reports: %lld",
	        json_at_number(whole, "points"), json_at_number(whole, "possible"),
	        (long long)json_integer_value(json_object_get(whole, "attempts")));
	if (json_at_text(whole, "last_seen")[0] != '\0') {
		text_add(out, ", last heard of ");
		html_time(out, word_time_ms(json_at_text(whole, "last_seen")), now);
		text_add(out, ": <a href=\"/guests/");
		html_url(out, json_at_text(whole, "guest"));
		text_add(out, "\">the guest</a>");
	}
	text_add(out, "</p>\n");
	if (json_is_true(json_object_get(whole, "stale"))) {
		text_add(out, "<p>");
		html_mark(out, "stale");
		text_add(out, " The guest went silent: what is below was so when it was last heard "
		              "of.</p>\n");
	}
}

static void write_student(const struct lab *lab, const json_t *whole, struct text *out)
{
	const json_t *flags = json_object_get(whole, "flags");
	size_t i;
	json_t *part;
	write_head(lab, whole, server_now(), out);
	if (json_array_size(flags) > 0)
		text_add(out, "<h2>To look at</h2>\n<p class=\"soft\">Hints, which take no "
		              "points.</p>\n");
	json_array_foreach(flags, i, part) write_flag(part, out);
	text_add(out,
	         "<h2>Marks</h2>\n<table class=\"marks\">\n<thead><tr><th scope=\"col\">item</th>"
	         "<th scope=\"col\">why, and what mends it</th></tr></thead>\n<tbody>\n");
	json_array_foreach(json_object_get(whole, "items"), i, part) write_item(part, out);
	text_add(out, "</tbody>\n</table>\n</div>\n");
	html_end(out);
}

int route_page_student(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab_marks marks;
	json_t *whole = NULL;
	int status = lab_marks_load(store, exchange->parameter, asked_stale(exchange), &marks, err);
	const json_t *student = status == 0 && marks.lab.document != NULL
	                                ? lab_student(&marks.lab, exchange->second)
	                                : NULL;
	if (student != NULL)
		status = lab_marks_all(&marks, err);
	exchange->old_sums = marks.old_sums;
	if (student != NULL && status == 0)
		status = lab_marks_of(&marks, student, &whole, err);
	if (whole != NULL) {
		write_student(&marks.lab, whole, &exchange->answer.text);
		status = page_finish(exchange, err);
	} else if (status == 0) {
		answer_problem(&exchange->answer, 404, "not-found", "There is no such student",
		               NULL);
	}
	json_decref(whole);
	lab_marks_clear(&marks);
	return status;
}
