/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See page_parts.h. */
#include "collector/page_parts.h"

#include "collector/html.h"

const char *page_trait_title(enum trait trait)
{
	static const char *const titles[TRAIT_COUNT] = {
		[TRAIT_PLATFORM] = "Platform", [TRAIT_PLATFORM_VERSION] = "Platform version",
		[TRAIT_CPU] = "CPU",           [TRAIT_MICROCODE] = "Microcode",
		[TRAIT_KERNEL] = "Kernel",
	};
	return titles[trait];
}

static void write_guests_link(struct text *out, enum trait trait, const char *value,
                              const char *more)
{
	text_printf(out, "<a href=\"/guests?%s=", standing_trait_names[trait]);
	html_url(out, value);
	text_printf(out, "%s\">", more);
}

static void write_cohort(const struct cohort *cohort, struct text *out)
{
	const struct fleet_sum *sum = &cohort->sum;
	size_t usable = sum->by_verdict[FLEET_READY] + sum->by_verdict[FLEET_DEGRADED];
	text_add(out, "<tr><th scope=\"row\">");
	if (cohort->value[0] == '\0') {
		text_add(out, "<span class=\"soft\">not known</span>");
	} else {
		write_guests_link(out, cohort->trait, cohort->value, "");
		html_text(out, cohort->value);
		text_add(out, "</a>");
	}
	if (cohort->outlier)
		text_add(out, " <span class=\"mark not-ready\"><b aria-hidden=\"true\">&#9660;</b> "
		              "outlier</span>");
	text_printf(out, "</th><td class=\"number\">%zu</td><td class=\"number wide\">%zu</td>",
	            sum->rows, sum->by_verdict[FLEET_NOT_READY]);
	text_printf(out, "<td class=\"number\">%zu %%</td><td class=\"share wide\">",
	            100 * usable / sum->rows);
	html_bar(out, sum->by_verdict);
	text_add(out, "</td></tr>\n");
}

void page_cohorts(const struct cohort_list *list, const char *title, struct text *out)
{
	text_printf(out,
	            "<table>\n<thead><tr><th scope=\"col\">%s</th>"
	            "<th scope=\"col\" class=\"number\">guests</th>"
	            "<th scope=\"col\" class=\"number wide\">not ready</th>"
	            "<th scope=\"col\" class=\"number\">usable</th>"
	            "<th scope=\"col\" class=\"wide\">shares</th></tr></thead>\n<tbody>\n",
	            title);
	for (size_t i = 0; i < list->best.count && !out->failed; i++)
		write_cohort(cohorts_at(list, i), out);
	text_add(out, "</tbody>\n</table>\n");
}

static void write_value(struct text *out, const char *value)
{
	if (value[0] == '\0') {
		text_add(out, "not known");
		return;
	}
	text_add(out, "<code>");
	html_text(out, value);
	text_add(out, "</code>");
}

void page_cause(const struct loss *loss, int64_t now, struct text *out)
{
	text_add(out, "<div class=\"cause\"><p><strong>");
	bool is_known = loss->after[0] != '\0';
	if (is_known)
		write_guests_link(out, loss->trait, loss->after, "&amp;verdict=not-ready");
	text_printf(out, "%zu %s lost readiness", loss->lost, loss->lost == 1 ? "guest" : "guests");
	text_printf(out, "%s after a change of %s</strong>: ", is_known ? "</a>" : "",
	            standing_trait_names[loss->trait]);
	write_value(out, loss->before);
	text_add(out, " &#8594; ");
	write_value(out, loss->after);
	text_printf(out, "</p><p class=\"soft\">%zu with the new value are usable; the first went ",
	            loss->kept);
	html_time(out, loss->first, now);
	text_add(out, ", the last ");
	html_time(out, loss->last, now);
	text_add(out, "</p></div>\n");
}

int page_finish(struct exchange *exchange, struct error *err)
{
	if (exchange->answer.text.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	exchange->answer.status = 200;
	exchange->answer.type = HTML_TYPE;
	return 0;
}
