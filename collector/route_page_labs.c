/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labs that there are, and guests that are copies of each other. */
#include <string.h>

#include "base/json_at.h"
#include "collector/html.h"
#include "collector/identity.h"
#include "collector/page_parts.h"
#include "collector/routes.h"
#include "collector/words.h"

/* ---- labs ------------------------------------------------------------------- */

struct labs {
	struct text *out;
	size_t count;
};

static int take_lab(void *context, const struct store_document *row)
{
	struct labs *labs = context;
	struct text *out = labs->out;
	json_t *body = json_loadb(row->body, row->length, 0, NULL);
	const json_t *rubric = json_object_get(body, "rubric");
	labs->count++;
	text_add(out, "<tr><th scope=\"row\"><a href=\"/labs/");
	html_url(out, row->key);
	text_add(out, "\">");
	html_text(out, row->key);
	text_add(out, "</a></th>");
	html_cell(out, json_at_text(rubric, "title"));
	text_printf(out, "<td class=\"number\">%zu</td><td class=\"number wide\">%zu</td></tr>\n",
	            json_array_size(json_object_get(body, "students")),
	            json_array_size(json_object_get(rubric, "items")));
	json_decref(body);
	return out->failed ? 1 : 0;
}

int route_page_labs(struct exchange *exchange, struct store *store, struct error *err)
{
	struct text *out = &exchange->answer.text;
	struct labs labs = { out, 0 };
	html_begin(out, "Labs", "/labs");
	text_add(out, "<table>\n<thead><tr><th scope=\"col\">lab</th><th scope=\"col\">title</th>"
	              "<th scope=\"col\" class=\"number\">students</th>"
	              "<th scope=\"col\" class=\"number wide\">items</th></tr></thead>\n<tbody>\n");
	int status = store->type->documents(store, "lab", "", NULL, UINT32_MAX >> 1, take_lab,
	                                    &labs, err);
	text_add(out, "</tbody>\n</table>\n");
	if (labs.count == 0)
		text_add(out,
		         "<p>No lab so far: <code>nestready-collector lab add NAME --roster FILE "
		         "--rubric FILE</code></p>\n");
	html_end(out);
	return status == 0 ? page_finish(exchange, err) : status;
}

/* ---- clones ----------------------------------------------------------------- */

static void write_guest(const json_t *guest, int64_t now, struct text *out)
{
	const char *hostname = json_at_text(guest, "hostname");
	text_add(out, "<li><a href=\"/guests/");
	html_url(out, json_at_text(guest, "guest"));
	text_add(out, "\">");
	html_text(out, hostname[0] == '\0' ? json_at_text(guest, "name") : hostname);
	text_add(out, "</a> ");
	if (json_at_text(guest, "lab")[0] != '\0')
		text_add(out, "in ");
	html_text(out, json_at_text(guest, "lab"));
	text_add(out, " <small>heard of ");
	html_time(out, word_time_ms(json_at_text(guest, "last")), now);
	text_add(out, "</small></li>");
}

static void write_clone(const json_t *clone, int64_t now, struct text *out)
{
	size_t i;
	json_t *guest;
	text_add(out, "<tr><th scope=\"row\">");
	html_text(out, json_at_text(clone, "same"));
	text_add(out, "</th><td class=\"wide\"><code>");
	html_text(out, json_at_text(clone, "value"));
	text_add(out, "</code></td><td><ul class=\"changes\">");
	json_array_foreach(json_object_get(clone, "guests"), i, guest) write_guest(guest, now, out);
	text_add(out, "</ul></td></tr>\n");
}

int route_page_clones(struct exchange *exchange, struct store *store, struct error *err)
{
	struct text *out = &exchange->answer.text;
	size_t i;
	json_t *clone, *clones = identity_clones(store, err);
	if (clones == NULL)
		return -1;
	html_begin(out, "Clones", "/clones");
	text_add(out,
	         "<p class=\"soft\">Guests that share what no two machines may share: they were "
	         "copied, and not made new.</p>\n<div id=\"clones\" data-live>\n");
	if (json_array_size(clones) == 0)
		text_add(out, "<p>None is known.</p>\n");
	else
		text_add(out,
		         "<p>The remedy: before a guest is copied, <code>sudo nestready preclone"
		         "</code>; after that, what it lists, in each copy. A system UUID and MAC "
		         "addresses are given anew by the platform.</p>\n"
		         "<table>\n<thead><tr><th scope=\"col\">the same</th><th scope=\"col\" "
		         "class=\"wide\">value</th><th scope=\"col\">guests</th></tr></thead>\n"
		         "<tbody>\n");
	json_array_foreach(clones, i, clone) write_clone(clone, server_now(), out);
	text_add(out, json_array_size(clones) == 0 ? "</div>\n" : "</tbody>\n</table>\n</div>\n");
	json_decref(clones);
	html_end(out);
	return page_finish(exchange, err);
}
