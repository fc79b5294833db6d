/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenMetrics 1.0 in the part that is Prometheus' older text format too, which
 * is what node_exporter's textfile collector reads: nothing but gauges, no
 * units, no timestamps, no exemplars, HELP without anything to escape; and
 * "# EOF", which the older format takes for a comment.
 *
 * The series of a target are the same in every run, whatever was found: an
 * alert on one that vanished never fires.
 */
#include <inttypes.h>
#include <string.h>

#include "report/escape.h"
#include "report/report.h"

/* Values of labels. */
static const struct escape escapes[] = {
	{ '\\', "\\\\" }, { '"', "\\\"" }, { '\n', "\\n" }, { 0, NULL }
};

static void family(struct text *out, const char *name, const char *help)
{
	text_printf(out, "# HELP nestready_%s %s\n# TYPE nestready_%s gauge\n", name, help, name);
}

static void label(struct text *out, const char *before, const char *name, const char *value)
{
	text_printf(out, "%s%s=\"", before, name);
	escape_add(out, escapes, value);
	text_add(out, "\"");
}

static void write_info(const struct report *report, struct text *out)
{
	const struct platform *platform = report->platform.platform;
	family(out, "info", "What was judged, and by which version.");
	text_add(out, "nestready_info");
	label(out, "{", "platform", platform == NULL ? "unknown" : platform->id);
	label(out, ",", "target", report->judgment.target->id);
	label(out, ",", "version", report->agent_version);
	text_add(out, "} 1\n");
}

static void write_verdict(const struct judgment *judgment, struct text *out)
{
	text_add(out, "nestready_verdict");
	label(out, "{", "target", judgment->target->id);
	text_printf(out, "} %d\n", verdict_exit_status(judgment->verdict));
}

static void write_verdicts(const struct report *report, struct text *out)
{
	family(out, "verdict", "0 ready, 1 degraded, 2 not ready, 3 indeterminate.");
	write_verdict(&report->judgment, out);
	for (size_t i = 0; i < report->other_count; i++)
		write_verdict(&report->others[i], out);
}

static bool undecided(const struct finding *finding)
{
	return finding->outcome == OUTCOME_UNKNOWN || finding->outcome == OUTCOME_ERROR ||
	       finding->outcome == OUTCOME_NOT_CHECKED;
}

static bool failed(const struct finding *finding)
{
	return finding->outcome == OUTCOME_FAIL;
}

static void write_findings(const struct judgment *judgment, const char *name,
                           bool (*is)(const struct finding *finding), struct text *out)
{
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const struct finding *finding = &judgment->findings[i];
		text_printf(out, "nestready_%s", name);
		label(out, "{", "target", judgment->target->id);
		label(out, ",", "finding", finding->requirement->id);
		label(out, ",", "severity", severity_name(finding_severity(finding)));
		text_printf(out, "} %d\n", is(finding));
	}
}

/* Whether the target can name the gap at all: then it has a series, 0 where all is well. */
static bool can_name(const struct judgment *judgment, const char *gap, bool *named)
{
	bool can = false;
	*named = false;
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const struct finding *finding = &judgment->findings[i];
		for (size_t k = 0; k < finding->requirement->gap_count; k++)
			can = can || strcmp(finding->requirement->gaps[k].gap, gap) == 0;
		*named = *named || (finding_bearing(finding) != BEARING_NONE &&
		                    finding->gap != NULL && strcmp(finding->gap, gap) == 0);
	}
	return can;
}

static void write_gaps(const struct judgment *judgment, struct text *out)
{
	bool named;
	family(out, "gap", "1 where this reason stands in the way.");
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++) {
		if (!can_name(judgment, gap->id, &named))
			continue;
		text_add(out, "nestready_gap");
		label(out, "{", "target", judgment->target->id);
		label(out, ",", "gap", gap->id);
		label(out, ",", "layer", gap->layer);
		text_printf(out, "} %d\n", named);
	}
}

static void write_probes(const struct report *report, struct text *out)
{
	if (report->probe_count == 0)
		return;
	family(out, "probe_ok", "0 when the probe hung, crashed or could not ask.");
	for (size_t i = 0; i < report->probe_count; i++) {
		text_add(out, "nestready_probe_ok");
		label(out, "{", "probe", report->probes[i].id);
		text_printf(out, "} %d\n", report->probes[i].status == STATUS_OBSERVED);
	}
	family(out, "probe_duration_seconds", "How long the probe took.");
	for (size_t i = 0; i < report->probe_count; i++) {
		uint64_t us = report->probes[i].duration_us;
		text_add(out, "nestready_probe_duration_seconds");
		label(out, "{", "probe", report->probes[i].id);
		text_printf(out, "} %" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
	}
}

/* Not known is NaN: the series stays. */
static void write_exit_time(const struct report *report, struct text *out)
{
	const struct fact *fact = fact_set_find(report->facts, "l2.exit-ns");
	family(out, "l2_exit_seconds", "What an exit of the test VM cost; NaN when none ran.");
	if (fact == NULL || !json_is_integer(fact->value)) {
		text_add(out, "nestready_l2_exit_seconds NaN\n");
		return;
	}
	json_int_t ns = json_integer_value(fact->value);
	text_printf(out, "nestready_l2_exit_seconds %" PRIi64 ".%09" PRIi64 "\n",
	            (int64_t)ns / 1000000000, (int64_t)ns % 1000000000);
}

static void write_openmetrics(const struct report *report, const struct format_options *options,
                              struct text *out)
{
	(void)options;
	write_info(report, out);
	write_verdicts(report, out);
	family(out, "finding_failed", "1 where the target's requirement is not met.");
	write_findings(&report->judgment, "finding_failed", failed, out);
	family(out, "finding_undecided", "1 where nobody could tell.");
	write_findings(&report->judgment, "finding_undecided", undecided, out);
	write_gaps(&report->judgment, out);
	write_probes(report, out);
	write_exit_time(report, out);
	text_add(out, "# EOF\n");
}

const struct format format_openmetrics = {
	.name = "openmetrics",
	.help = "for Prometheus, also through node_exporter's textfile collector",
	.write = write_openmetrics
};
