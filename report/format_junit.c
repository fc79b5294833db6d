/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit's XML, in the part that its readers agree on: the target is a suite, a
 * finding a case.  A case fails or is in error exactly when nestready does not
 * exit with 0.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/items.h"
#include "report/page.h"
#include "report/report.h"
#include "report/text_frame.h"
#include "report/text_item.h"

#define COLUMNS 80

/* Inside attributes and between tags (XML 1.0, 2.4 and 3.3.3). */
static const struct escape attribute[] = { { '<', "&lt;" },   { '>', "&gt;" },  { '&', "&amp;" },
	                                   { '"', "&quot;" }, { '\t', "&#9;" }, { 0, NULL } };
static const struct escape content[] = {
	{ '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '\n', "\n" }, { 0, NULL }
};

struct writer {
	const struct report *report;
	const struct format_options *options;
	const struct item *items;
	size_t item_count;
	struct text *out;
};

static void put(const struct writer *writer, const char *name, const char *value)
{
	text_printf(writer->out, " %s=\"", name);
	escape_add(writer->out, attribute, value);
	text_add(writer->out, "\"");
}

/* The element that says how a case went; NULL: it went well. */
static const char *element(const struct finding *finding, const struct format_options *options)
{
	switch (finding_bearing(finding)) {
	case BEARING_STOPS:
		return "failure";
	case BEARING_HOLDS_UP:
		return "error";
	case BEARING_DEGRADES:
		return options->accept_degraded ? "skipped" : "failure";
	case BEARING_NONE:
		break;
	}
	return finding->outcome == OUTCOME_PASS ? NULL : "skipped";
}

/* Evidence and fix of the item that the finding is a part of, as the text format has them. */
static void write_item(const struct writer *writer, const struct finding *finding)
{
	cleanup_text struct text text = TEXT_INIT;
	const struct page page = { .out = &text, .columns = COLUMNS };
	for (size_t i = 0; i < writer->item_count; i++) {
		if (item_has(&writer->items[i], finding))
			text_item(&page, writer->items, i, writer->report, writer->options,
			          DETAIL_FULL);
	}
	escape_add(writer->out, content, text_string(&text));
	writer->out->failed = writer->out->failed || text.failed;
}

static void put_message(const struct writer *writer, const struct finding *finding)
{
	const struct gap *gap = finding->gap == NULL ? NULL : knowledge_gap(finding->gap);
	cleanup_text struct text aside = TEXT_INIT;
	finding_aside(finding, &aside);
	if (finding_bearing(finding) == BEARING_NONE)
		put(writer, "message", text_string(&aside));
	else
		put(writer, "message", gap != NULL ? gap->title : finding->requirement->title);
	writer->out->failed = writer->out->failed || aside.failed;
}

static void write_case(const struct writer *writer, const struct finding *finding)
{
	const struct judgment *judgment = &writer->report->judgment;
	const char *how = element(finding, writer->options);
	text_printf(writer->out,
	            "    <testcase classname=\"nestready.%s.%s\" name=\"%s\" time=\"0\"",
	            judgment->target->id, finding->requirement->group, finding->requirement->id);
	if (how == NULL) {
		text_add(writer->out, "/>\n");
		return;
	}
	text_printf(writer->out, ">\n      <%s", how);
	put_message(writer, finding);
	if (strcmp(how, "skipped") == 0) {
		text_add(writer->out, "/>\n");
	} else {
		put(writer, "type",
		    finding->gap != NULL ? finding->gap : outcome_name(finding->outcome));
		text_add(writer->out, ">");
		write_item(writer, finding);
		text_printf(writer->out, "</%s>\n", how);
	}
	text_add(writer->out, "    </testcase>\n");
}

static size_t count_cases(const struct writer *writer, const char *wanted)
{
	const struct judgment *judgment = &writer->report->judgment;
	size_t count = 0;
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const char *how = element(&judgment->findings[i], writer->options);
		count += how != NULL && strcmp(how, wanted) == 0;
	}
	return count;
}

/* The counts, which Jenkins and others read instead of counting. */
static void put_counts(const struct writer *writer)
{
	uint64_t us = 0;
	for (size_t i = 0; i < writer->report->probe_count; i++)
		us += writer->report->probes[i].duration_us;
	text_printf(writer->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
	            writer->report->judgment.finding_count, count_cases(writer, "failure"),
	            count_cases(writer, "error"));
	text_printf(writer->out, " time=\"%" PRIu64 ".%06" PRIu64 "\"", us / 1000000, us % 1000000);
}

static void write_property(const struct writer *writer, const char *name, const char *value)
{
	text_printf(writer->out, "      <property name=\"%s\"", name);
	put(writer, "value", value);
	text_add(writer->out, "/>\n");
}

static void write_properties(const struct writer *writer)
{
	const struct report *report = writer->report;
	cleanup_text struct text platform = TEXT_INIT;
	text_platform(report, &platform);
	text_add(writer->out, "    <properties>\n");
	write_property(writer, "verdict", verdict_name(report->judgment.verdict));
	write_property(writer, "basis", basis_name(report->judgment.basis));
	write_property(writer, "platform", text_string(&platform) + strlen("platform: "));
	write_property(writer, "report", report->id);
	write_property(writer, "nestready", report->agent_version);
	text_add(writer->out, "    </properties>\n");
}

static void write_suite(const struct writer *writer)
{
	const struct report *report = writer->report;
	char time[20]; /* the schema's time has neither fractions nor a zone: it is UTC */
	text_cut(time, sizeof time, report->time);
	text_add(writer->out,
	         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nestready\"");
	put_counts(writer);
	text_printf(writer->out, ">\n  <testsuite name=\"nestready.%s\"",
	            report->judgment.target->id);
	put_counts(writer);
	text_printf(writer->out, " skipped=\"%zu\"", count_cases(writer, "skipped"));
	put(writer, "timestamp", time);
	put(writer, "hostname",
	    report->guest.hostname[0] == '\0' ? "localhost" : report->guest.hostname);
	text_add(writer->out, ">\n");
	write_properties(writer);
	for (size_t i = 0; i < report->judgment.finding_count; i++)
		write_case(writer, &report->judgment.findings[i]);
	text_add(writer->out, "  </testsuite>\n</testsuites>\n");
}

static void write_junit(const struct report *report, const struct format_options *options,
                        struct text *out)
{
	struct item *items;
	struct writer writer = { .report = report, .options = options, .out = out };
	if (items_collect(&report->judgment, report->platform.platform, report->facts,
	                  options->tool, &items, &writer.item_count) != 0) {
		out->failed = true;
		return;
	}
	writer.items = items;
	write_suite(&writer);
	free(items);
}

const struct format format_junit = { .name = "junit",
	                             .help = "JUnit's XML, for continuous integration",
	                             .write = write_junit };
