/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing inline and nothing from anywhere else: the policy that goes with every answer allows
 * none. */
#include "collector/html.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collector/words.h"
#include "report/escape.h"

static const struct escape html[] = {
	{ '<', "&lt;" },   { '>', "&gt;" },   { '&', "&amp;" },
	{ '"', "&quot;" }, { '\'', "&#39;" }, { 0, NULL },
};

void html_text(struct text *out, const char *text)
{
	escape_add(out, html, text);
}

void html_piece(struct text *out, const char *text, size_t length)
{
	cleanup_text struct text whole = TEXT_INIT;
	text_add_bytes(&whole, text, length);
	html_text(out, text_string(&whole));
	out->failed = out->failed || whole.failed;
}

void html_url_piece(struct text *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL))
			text_add_bytes(out, text + i, 1);
		else
			text_printf(out, "%%%02X", byte);
	}
}

void html_url(struct text *out, const char *text)
{
	html_url_piece(out, text, strlen(text));
}

void html_cell(struct text *out, const char *text)
{
	text_add(out, "<td>");
	html_text(out, text);
	text_add(out, "</td>");
}

void html_cell_of(struct text *out, const char *class, const char *text)
{
	text_printf(out, "<td class=\"%s\">", class);
	html_text(out, text);
	text_add(out, "</td>");
}

/* Never colour alone: each has a shape of its own, which paper and every eye can tell apart. */
static const struct {
	const char *word, *class, *symbol;
} marks[] = {
	{ "ready", "ready", "&#10003;" },
	{ "pass", "ready", "&#10003;" },
	{ "degraded", "degraded", "&#9650;" },
	{ "not-ready", "not-ready", "&#10005;" },
	{ "fail", "not-ready", "&#10005;" },
	{ "error", "not-ready", "!" },
	{ "indeterminate", "indeterminate", "?" },
	{ "unknown", "indeterminate", "?" },
	{ "not-checked", "indeterminate", "&#8211;" },
	{ "stale", "stale", "&#9711;" },
	{ "met", "ready", "&#10003;" },
	{ "late", "degraded", "&#9684;" },
	{ "not-met", "not-ready", "&#10005;" },
	{ "excused", "plain", "e" },
	{ "not-received", "plain", "&#9675;" },
};

static void find_mark(const char *word, const char **class, const char **symbol)
{
	*class = "plain";
	*symbol = "&#183;";
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (strcmp(marks[i].word, word) == 0) {
			*class = marks[i].class;
			*symbol = marks[i].symbol;
		}
	}
}

void html_symbol(struct text *out, const char *word)
{
	const char *class, *symbol;
	find_mark(word, &class, &symbol);
	text_printf(out, "<b class=\"mark %s\" aria-hidden=\"true\">%s</b>", class, symbol);
}

void html_mark(struct text *out, const char *word)
{
	const char *class, *symbol;
	find_mark(word, &class, &symbol);
	text_printf(out, "<span class=\"mark %s\"><b aria-hidden=\"true\">%s</b> ", class, symbol);
	html_text(out, word);
	text_add(out, "</span>");
}

void html_time(struct text *out, int64_t ms, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	char word[WORD_TIME_SIZE];
	int64_t ago = (now - ms) / 1000;
	word_time_write(ms, word);
	text_printf(out, "<time datetime=\"%s\" title=\"%s\">", word, word);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (ago >= units[i].seconds) {
			text_printf(out, "%lld %s ago</time>", (long long)(ago / units[i].seconds),
			            units[i].unit);
			return;
		}
	}
	text_add(out, "just now</time>");
}

/* Attributes of SVG, as a style sheet's policy knows no inline style. */
void html_bar(struct text *out, const size_t counts[4])
{
	static const char *const classes[] = { "ready", "degraded", "not-ready", "indeterminate" };
	double all = 0, at = 0;
	for (int i = 0; i < 4; i++)
		all += (double)counts[i];
	text_add(out, "<svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" "
	              "aria-hidden=\"true\">");
	for (int i = 0; i < 4 && all > 0; i++) {
		double share = 100 * (double)counts[i] / all;
		if (counts[i] != 0)
			text_printf(out,
			            "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" height=\"1\"/>",
			            classes[i], at, share);
		at += share;
	}
	text_add(out, "</svg>");
}

static const struct {
	const char *path, *title;
} menu[] = {
	{ "/", "Fleet" },    { "/guests", "Guests" }, { "/cohorts", "Cohorts" },
	{ "/labs", "Labs" }, { "/clones", "Clones" },
};

void html_begin(struct text *out, const char *title, const char *section)
{
	text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	              "<meta name=\"viewport\" content=\"width=device-width\">\n"
	              "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	html_text(out, title);
	text_add(out, " - nestready</title>\n<link rel=\"icon\" href=\"/icon.svg\">\n"
	              "<link rel=\"stylesheet\" href=\"/style.css\">\n"
	              "<script src=\"/script.js\" defer></script>\n</head>\n<body>\n"
	              "<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
	              "<header><a class=\"brand\" href=\"/\">nestready</a>\n"
	              "<nav aria-label=\"Pages\">");
	for (size_t i = 0; i < sizeof menu / sizeof menu[0]; i++)
		text_printf(out, "<a href=\"%s\"%s>%s</a>", menu[i].path,
		            strcmp(menu[i].path, section) == 0 ? " aria-current=\"page\"" : "",
		            menu[i].title);
	text_add(out, "</nav>\n<p id=\"live\" role=\"status\"></p></header>\n"
	              "<main id=\"main\" tabindex=\"-1\">\n<h1>");
	html_text(out, title);
	text_add(out, "</h1>\n");
}

void html_end(struct text *out)
{
	text_add(out, "</main>\n</body>\n</html>\n");
}
