/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matrix of a lab: students down, requirements across. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/asked.h"
#include "collector/html.h"
#include "collector/lab.h"
#include "collector/page_parts.h"
#include "collector/routes.h"
#include "collector/words.h"

/* Of a student what decides whether and where there is a row. */
struct row {
	const json_t *student; /* the roster's */
	const char *id;
	double points;
	int64_t seen;
};

/* ---- which students, in which order ----------------------------------------- */

static bool is_shown(const struct asked *asked, const struct lab_marks *marks,
                     const struct row *row)
{
	const char *search = asked->choice.search == NULL ? "" : asked->choice.search;
	const json_t *sum = json_object_get(marks->sums, row->id);
	if (strcasestr(row->id, search) == NULL &&
	    strcasestr(json_at_text(row->student, "name"), search) == NULL)
		return false;
	switch (asked->show) {
	case SHOW_OPEN:
		return sum == NULL || json_is_true(json_object_get(sum, "open"));
	case SHOW_FLAGGED:
		return json_object_get(marks->flags, row->id) != NULL;
	case SHOW_SILENT:
		return row->seen < marks->stale;
	case SHOW_ALL:
	case SHOW_COUNT:
		break;
	}
	return true;
}

static int compare(const void *first, const void *second, void *context)
{
	const struct asked *asked = context;
	const struct row *a = first, *b = second;
	int order = 0;
	if (asked->students == STUDENTS_BY_POINTS)
		order = (a->points > b->points) - (a->points < b->points);
	else if (asked->students == STUDENTS_BY_SEEN)
		order = (a->seen < b->seen) - (a->seen > b->seen);
	else
		order = strcasecmp(a->id, b->id);
	if (order == 0)
		return strcmp(a->id, b->id);
	return asked->descending ? -order : order;
}

/* Those who are shown, in order; NULL on lack of memory. */
static struct row *choose(const struct lab_marks *marks, struct asked *asked, size_t *count)
{
	size_t students = json_array_size(marks->lab.students);
	struct row *rows = calloc(students + 1, sizeof *rows);
	*count = 0;
	for (size_t i = 0; rows != NULL && i < students; i++) {
		struct row *row = &rows[*count];
		row->student = json_array_get(marks->lab.students, i);
		row->id = json_at_text(row->student, "student");
		row->points = json_at_number(json_object_get(marks->sums, row->id), "points");
		row->seen = lab_marks_seen(marks, row->id);
		*count += is_shown(asked, marks, row);
	}
	if (rows != NULL)
		qsort_r(rows, *count, sizeof rows[0], compare, asked);
	return rows;
}

/* ---- links and the filter --------------------------------------------------- */

static void write_link(struct text *out, const char *lab, const struct asked *asked,
                       enum asked_students order, bool descending, unsigned page)
{
	text_add(out, "/labs/");
	html_url(out, lab);
	text_printf(out, "?sort=%s", asked_students_names[order]);
	if (descending)
		text_add(out, "&amp;order=descending");
	if (asked->show != SHOW_ALL)
		text_printf(out, "&amp;show=%s", asked_show_names[asked->show]);
	if (asked->choice.search != NULL && asked->choice.search[0] != '\0') {
		text_add(out, "&amp;search=");
		html_url(out, asked->choice.search);
	}
	if (asked->limit != ASKED_LIMIT)
		text_printf(out, "&amp;limit=%u", asked->limit);
	if (page > 1)
		text_printf(out, "&amp;page=%u", page);
}

static void write_filter(struct text *out, const char *lab, const struct asked *asked)
{
	static const char *const titles[SHOW_COUNT] = { "all", "with open items", "to look at",
		                                        "silent" };
	text_add(out, "<form action=\"/labs/");
	html_url(out, lab);
	text_add(out,
	         "\" data-filter>\n<label>search <input type=\"search\" name=\"search\" value=\"");
	html_text(out, asked->choice.search == NULL ? "" : asked->choice.search);
	text_add(out, "\"></label>\n<label>students <select name=\"show\">");
	for (int i = 0; i < SHOW_COUNT; i++)
		text_printf(out, "<option value=\"%s\"%s>%s</option>", asked_show_names[i],
		            i == (int)asked->show ? " selected" : "", titles[i]);
	text_printf(out, "</select></label>\n<input type=\"hidden\" name=\"sort\" value=\"%s\">",
	            asked_students_names[asked->students]);
	if (asked->descending)
		text_add(out, "<input type=\"hidden\" name=\"order\" value=\"descending\">");
	text_add(out, "<button>Show</button> <a href=\"/v1/labs/");
	html_url(out, lab);
	text_add(out, "/export\">CSV</a>\n</form>\n");
}

/* ---- the table -------------------------------------------------------------- */

static void write_sorter(struct text *out, const char *lab, const struct asked *asked,
                         enum asked_students order, const char *class, const char *title)
{
	bool current = asked->students == order;
	text_printf(out, "<th scope=\"col\" class=\"%s\"", class);
	if (current)
		text_printf(out, " aria-sort=\"%s\"",
		            asked->descending ? "descending" : "ascending");
	text_printf(out, "><a id=\"by-%s\" data-swap href=\"", asked_students_names[order]);
	write_link(out, lab, asked, order, current && !asked->descending, 1);
	text_printf(out, "\">%s</a></th>", title);
}

static void write_heads(struct text *out, const json_t *head, const struct asked *asked)
{
	const char *lab = json_at_text(head, "lab");
	size_t i;
	json_t *item;
	text_add(out, "<thead><tr>");
	write_sorter(out, lab, asked, STUDENTS_BY_NAME, "", "student");
	write_sorter(out, lab, asked, STUDENTS_BY_POINTS, "number", "points");
	json_array_foreach(json_object_get(head, "items"), i, item)
	{
		text_add(out, "<th scope=\"col\" class=\"item\"><span>");
		html_text(out, json_at_text(item, "title"));
		text_printf(out, " (%g)</span></th>",
		            json_number_value(json_object_get(item, "points")));
	}
	write_sorter(out, lab, asked, STUDENTS_BY_SEEN, "wide", "last seen");
	text_add(out, "</tr></thead>\n");
}

/* To the student of a row; the rest of the address and the quote are the caller's. */
static void begin_link(struct text *out, const char *lab, const json_t *row)
{
	text_add(out, "<a href=\"/labs/");
	html_url(out, lab);
	text_add(out, "/students/");
	html_url(out, json_at_text(row, "student"));
}

/* What is met needs no reason; the others are links, which keys reach and which show theirs. */
static void write_cell(struct text *out, const char *lab, const json_t *row, const json_t *cell)
{
	const char *state = json_at_text(cell, "state");
	bool met = strcmp(state, "met") == 0 && json_object_get(cell, "override") == NULL;
	text_add(out, "<td class=\"item\">");
	if (!met) {
		begin_link(out, lab, row);
		text_add(out, "#item-");
		html_url(out, json_at_text(cell, "id"));
		text_add(out, "\" data-reason=\"");
		html_text(out, json_at_text(cell, "title"));
		text_add(out, ": ");
		html_text(out, json_at_text(cell, "reason"));
		text_add(out, "\">");
	}
	html_symbol(out, state);
	if (json_object_get(cell, "override") != NULL)
		text_add(out, "<b aria-hidden=\"true\">*</b>");
	text_add(out, "<span class=\"said\">");
	html_text(out, state);
	if (!met) {
		text_add(out, ": ");
		html_text(out, json_at_text(cell, "reason"));
	}
	text_add(out, met ? "</span></td>" : "</span></a></td>");
}

static void write_student(struct text *out, const char *lab, const json_t *row)
{
	const json_t *flags = json_object_get(row, "flags");
	size_t i;
	json_t *flag;
	text_add(out, "<th scope=\"row\">");
	begin_link(out, lab, row);
	text_add(out, "\">");
	html_text(out, json_at_text(row, "student"));
	text_add(out, "</a> <small>");
	html_text(out, json_at_text(row, "name"));
	text_add(out, "</small>");
	json_array_foreach(flags, i, flag)
	{
		text_add(out,
		         " <span class=\"mark degraded\"><b aria-hidden=\"true\">&#9873;</b> ");
		html_text(out, json_at_text(flag, "flag"));
		text_add(out, "</span>");
	}
	if (json_is_true(json_object_get(row, "stale"))) {
		text_add(out, " ");
		html_mark(out, "stale");
	}
	text_add(out, "</th>");
}

static void write_row(struct text *out, const char *lab, const json_t *row, int64_t now)
{
	const char *seen = json_at_text(row, "last_seen");
	size_t i;
	json_t *cell;
	text_add(out, "<tr id=\"student-");
	html_text(out, json_at_text(row, "student"));
	text_printf(out, "\" data-verdict=\"%g\">", json_at_number(row, "points"));
	write_student(out, lab, row);
	text_printf(out, "<td class=\"number nowrap\">%g<span class=\"wide\"> / %g</span></td>",
	            json_at_number(row, "points"), json_at_number(row, "possible"));
	json_array_foreach(json_object_get(row, "items"), i, cell) write_cell(out, lab, row, cell);
	text_add(out, "<td class=\"wide\">");
	if (seen[0] == '\0')
		text_add(out, "<span class=\"soft\">never</span>");
	else
		html_time(out, word_time_ms(seen), now);
	text_add(out, "</td></tr>\n");
}

static void write_pages(struct text *out, const char *lab, const struct asked *asked, size_t count)
{
	unsigned pages = (unsigned)((count + asked->limit - 1) / asked->limit);
	if (pages < 2)
		return;
	text_printf(
	        out,
	        "<nav class=\"pages\" aria-label=\"Pages of students\"><span>Page %u of %u</span>",
	        asked->page, pages);
	for (int step = -1; step <= 1; step += 2) {
		unsigned page = asked->page + (unsigned)step;
		if (page < 1 || page > pages)
			continue;
		text_printf(out, "<a id=\"%s\" data-swap href=\"", step < 0 ? "previous" : "next");
		write_link(out, lab, asked, asked->students, asked->descending, page);
		text_printf(out, "\">%s</a>", step < 0 ? "Previous" : "Next");
	}
	text_add(out, "</nav>\n");
}

static void write_legend(struct text *out)
{
	static const char *const states[] = { "met",     "late",    "not-met",
		                              "unknown", "excused", "not-received" };
	text_add(out, "<p class=\"legend\">");
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		html_mark(out, states[i]);
		text_add(out, " ");
	}
	text_add(out, "<span class=\"soft\">* set by hand</span></p>\n");
}

static int write_rows(struct text *out, const struct lab_marks *marks, const struct row *rows,
                      size_t count, struct error *err)
{
	int64_t now = server_now();
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		json_t *whole;
		status = lab_marks_of(marks, rows[i].student, &whole, err);
		if (status == 0)
			write_row(out, marks->lab.name, whole, now);
		json_decref(whole);
	}
	return status;
}

static int write_table(struct text *out, const struct lab_marks *marks, const struct asked *asked,
                       const struct row *rows, size_t count, struct error *err)
{
	size_t first = (size_t)(asked->page - 1) * asked->limit;
	size_t end = first + asked->limit < count ? first + asked->limit : count;
	json_t *head = lab_marks_head(marks);
	text_printf(out,
	            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Marks\">\n"
	            "<table class=\"matrix\">\n<caption>%zu of %zu students</caption>\n",
	            count, json_array_size(marks->lab.students));
	write_heads(out, head, asked);
	json_decref(head);
	text_add(out, "<tbody>\n");
	if (first < end && write_rows(out, marks, rows + first, end - first, err) != 0)
		return -1;
	text_add(out, "</tbody>\n</table>\n</div>\n");
	if (count == 0)
		text_add(out, "<p>No student, or none fits.</p>\n");
	write_pages(out, marks->lab.name, asked, count);
	return 0;
}

static int write_matrix(const struct lab_marks *marks, struct asked *asked, struct text *out,
                        struct error *err)
{
	size_t count;
	struct row *rows = choose(marks, asked, &count);
	if (rows == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	html_begin(out, json_at_text(marks->lab.rubric, "title"), "/labs");
	write_filter(out, marks->lab.name, asked);
	write_legend(out);
	text_add(out, "<div id=\"matrix\" data-live>\n");
	int status = write_table(out, marks, asked, rows, count, err);
	text_add(out, "</div>\n");
	html_end(out);
	free(rows);
	return status;
}

int route_page_lab(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab_marks marks;
	struct asked asked;
	if (!asked_read_lab(exchange, &asked))
		return 0;
	int status = lab_marks_load(store, exchange->parameter, asked_stale(exchange), &marks, err);
	if (status == 0 && marks.lab.document == NULL) {
		answer_problem(&exchange->answer, 404, "not-found", "There is no such lab", NULL);
	} else if (status == 0) {
		status = lab_marks_all(&marks, err);
		exchange->old_sums = marks.old_sums;
		if (status == 0)
			status = write_matrix(&marks, &asked, &exchange->answer.text, err);
		if (status == 0)
			status = page_finish(exchange, err);
	}
	lab_marks_clear(&marks);
	return status;
}
