/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No scripts, and nothing from anywhere else: the policy that goes with every answer allows none.
 */
#include "collector/html.h"

#include <ctype.h>
#include <string.h>

#include "report/escape.h"

static const struct escape html[] = {
	{ '<', "&lt;" },   { '>', "&gt;" },   { '&', "&amp;" },
	{ '"', "&quot;" }, { '\'', "&#39;" }, { 0, NULL },
};

void html_text(struct text *out, const char *text)
{
	escape_add(out, html, text);
}

void html_url(struct text *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if ((byte < 0x80 && isalnum(byte)) || strchr("-._~", byte) != NULL)
			text_add_bytes(out, text, 1);
		else
			text_printf(out, "%%%02X", byte);
	}
}

void html_cell(struct text *out, const char *text)
{
	text_add(out, "<td>");
	html_text(out, text);
	text_add(out, "</td>");
}

void html_begin(struct text *out, const char *title)
{
	text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	              "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	html_text(out, title);
	text_add(out, "</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n"
	              "<header><a href=\"/\">nestready</a></header>\n<main>\n<h1>");
	html_text(out, title);
	text_add(out, "</h1>\n");
}

void html_end(struct text *out)
{
	text_add(out, "</main>\n</body>\n</html>\n");
}

const char *const html_style =
        ":root { color-scheme: light dark; font: 1rem/1.4 system-ui, sans-serif; }\n"
        "body { margin: 1rem auto; max-width: 75rem; padding: 0 1rem; }\n"
        "header a { font-weight: bold; text-decoration: none; }\n"
        "table { border-collapse: collapse; width: 100%; margin: 1rem 0; }\n"
        "caption { text-align: left; font-weight: bold; }\n"
        "th, td { text-align: left; padding: .25rem .75rem .25rem 0;"
        " border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }\n"
        "form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }\n"
        "label { display: flex; flex-direction: column; }\n"
        ".ready { color: light-dark(#166534, #86efac); }\n"
        ".degraded, .indeterminate { color: light-dark(#854d0e, #fde047); }\n"
        ".not-ready { color: light-dark(#991b1b, #fca5a5); }\n"
        "code, pre { font-family: ui-monospace, monospace; white-space: pre-wrap; }\n";
