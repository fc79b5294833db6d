/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready mac`: the test of MAC filtering alone, for who is changing the switch right now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/network.h"
#include "agent/output.h"
#include "base/cleanup.h"
#include "report/items.h"
#include "report/per_nic.h"
#include "report/text_item.h"

#define PAUSE_S 2 /* more than the second over which frames are limited */
#define COLUMNS 80

void mac_describe(struct text *out)
{
	text_add(
	        out,
	        "Sends frames from a made-up MAC over each interface that leads out, at most 13 a\n"
	        "second and mostly 8 in all, and says what the network does to them: open,\n"
	        "egress-filtered, ingress-filtered, filtered ... (doc/mac-test.md).\n"
	        "Exit status: 0 open, 1 filtered (2 with --require-network), 3 not decided.\n\n");
}

static const struct finding *finding_of(const struct report *report, const char *id)
{
	for (size_t i = 0; i < report->judgment.finding_count; i++)
		if (strcmp(report->judgment.findings[i].requirement->id, id) == 0)
			return &report->judgment.findings[i];
	return NULL;
}

static int status_of(const struct report *report)
{
	const struct finding *finding = finding_of(report, FINDING_NETWORK);
	if (finding == NULL)
		return verdict_exit_status(VERDICT_INDETERMINATE);
	if (finding->outcome == OUTCOME_PASS)
		return 0;
	if (finding->outcome != OUTCOME_FAIL)
		return verdict_exit_status(VERDICT_INDETERMINATE);
	return verdict_exit_status(finding_severity(finding) == SEVERITY_REQUIRED
	                                   ? VERDICT_NOT_READY
	                                   : VERDICT_DEGRADED);
}

static const char *text_of(const struct fact_set *facts, const char *key)
{
	const struct fact *fact = fact_set_find(facts, key);
	const char *text = fact == NULL ? NULL : json_string_value(fact->value);
	return text == NULL ? "" : text;
}

/* The gap of one interface, which may be another than the worst one's; "" when there is none. */
static const char *gap_of(const struct report *report, const char *nic)
{
	const struct finding *finding = finding_of(report, FINDING_NETWORK);
	struct nic_finding list[PER_NIC_MAX];
	int count = finding == NULL ? 0 : per_nic_judge(finding->requirement, report->facts, list);
	for (int i = 0; i < count; i++)
		if (strcmp(list[i].nic, nic) == 0 && list[i].gap != NULL)
			return list[i].gap;
	return "";
}

/* One interface: the word, and what it rests on where that is wanted; `when` is "" or the time. */
static void write_nic(const struct report *report, const char *key, const char *when, bool evidence,
                      struct text *out)
{
	char other[160];
	snprintf(other, sizeof other, "%s.confidence", key);
	const char *confidence = text_of(report->facts, other);
	size_t name = strlen(key) - strlen("net.") - strlen(".mac-filter");
	char nic[16];
	snprintf(nic, sizeof nic, "%.*s", (int)name, key + strlen("net."));
	const char *gap = gap_of(report, nic);
	text_printf(out, "%s%s: %s (%s confidence)%s%s\n", when, nic, text_of(report->facts, key),
	            confidence, gap[0] == '\0' ? "" : "  ", gap);
	snprintf(other, sizeof other, "%s.evidence", key);
	const struct fact *lines = evidence ? fact_set_find(report->facts, other) : NULL;
	for (size_t i = 0; lines != NULL && i < json_array_size(lines->value); i++)
		text_printf(out, "     %s\n", json_string_value(json_array_get(lines->value, i)));
}

/* True when the key is net.IF.mac-filter. */
static bool is_nic(const char *key)
{
	static const char end[] = ".mac-filter";
	size_t length = strlen(key);
	return strncmp(key, "net.", 4) == 0 && length > 4 + strlen(end) &&
	       strcmp(key + length - strlen(end), end) == 0;
}

static void write_fix(const struct options *options, const struct report *report, struct text *out)
{
	const struct page page = { .out = out, .columns = COLUMNS };
	const struct format_options format = { .tool = options->tool,
		                               .root = geteuid() == 0,
		                               .program = options->program,
		                               .again = options->program };
	const struct finding *finding = finding_of(report, FINDING_NETWORK);
	struct item *items;
	size_t count;
	if (finding == NULL || items_collect(&report->judgment, report->platform.platform,
	                                     report->facts, options->tool, &items, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (item_has(&items[i], finding))
			text_item(&page, &items[i], 0, report, &format, DETAIL_FULL);
	free(items);
}

/* Of what was seen beside it, what was asked about or is not as it should be. */
static void write_aside(const struct options *options, const struct report *report,
                        struct text *out)
{
	static const char *const ids[] = { "net.vlan", "net.duplicates", "net.permanent-mac" };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		const struct finding *finding = finding_of(report, ids[i]);
		if (finding == NULL || finding->outcome == OUTCOME_NOT_APPLICABLE)
			continue;
		const struct gap *gap = finding->gap == NULL ? NULL : knowledge_gap(finding->gap);
		if (gap != NULL)
			text_printf(out, "%s: %s\n     %s explain %s\n", ids[i], gap->title,
			            options->program, gap->id);
		else if (i == 0)
			text_printf(out, "%s: %s\n", ids[i],
			            finding->because == NULL ? "the tag passes" : finding->because);
	}
}

static void write_nics(const struct report *report, const char *when, bool evidence,
                       struct text *out)
{
	size_t nics = 0;
	for (size_t i = 0; i < fact_set_count(report->facts); i++) {
		const char *key = fact_set_at(report->facts, i)->key;
		if (!is_nic(key))
			continue;
		write_nic(report, key, when, evidence, out);
		nics++;
	}
	const struct fact *fact = fact_set_find(report->facts, FINDING_NETWORK);
	if (nics == 0 && fact != NULL && fact->why != NULL)
		text_printf(out, "%snot tested: %s\n", when, fact->why);
}

static int print(const struct options *options, const struct report *report, const char *when,
                 struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	write_nics(report, when, true, &out);
	write_fix(options, report, &out);
	write_aside(options, report, &out);
	return output_write(options->output, &out, err);
}

static void clock_time(char *when, size_t size)
{
	time_t now = time(NULL);
	struct tm local;
	if (localtime_r(&now, &local) == NULL || strftime(when, size, "%H:%M:%S ", &local) == 0)
		when[0] = '\0';
}

/*
 * One of many tests.  What is to be done stays in sight: the fix is printed when it is another one
 * than before, and else a terminal has one line that says so, and everything else a line an
 * interface.
 */
static int print_change(const struct options *options, const struct report *report,
                        struct text *shown, struct error *err)
{
	cleanup_text struct text steady =
	        TEXT_INIT; /* without evidence: no test takes as long as another */
	char when[16];
	clock_time(when, sizeof when);
	write_nics(report, "", false, &steady);
	write_fix(options, report, &steady);
	write_aside(options, report, &steady);
	bool changed = strcmp(text_string(&steady), text_string(shown)) != 0;
	text_clear(shown);
	text_add(shown, text_string(&steady));
	if (changed || options->output != NULL)
		return print(options, report, when, err);
	if (isatty(STDOUT_FILENO) != 0 && isatty(STDERR_FILENO) != 0) {
		text_clear(&steady);
		text_printf(&steady, "%sno change", when);
		network_show_progress(text_string(&steady));
		return 0;
	}
	cleanup_text struct text out = TEXT_INIT;
	write_nics(report, when, false, &out);
	return output_write(NULL, &out, err);
}

/* One test.  The exit status, or -1.  `shown` is what the test before printed, NULL when there is
 * but one. */
static int test(const struct options *options, struct text *shown, struct error *err)
{
	struct supervision supervision;
	struct report report = { 0 };
	int status = check_ask(options, false, &supervision, err);
	if (status == 0)
		status = check_judge(options, &supervision, &report, err);
	if (status == 0 && options->format != NULL)
		status = check_print(options, &report, err) < 0 ? -1 : 0;
	else if (status == 0 && shown != NULL)
		status = print_change(options, &report, shown, err);
	else if (status == 0)
		status = print(options, &report, "", err);
	if (status == 0)
		status = status_of(&report);
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}

/* The same where more is to be printed: what writes an answer closes standard output. */
static int test_and_stay(const struct options *options, struct text *shown, struct error *err)
{
	cleanup_fd int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	int status = test(options, shown, err);
	if (kept >= 0 && dup2(kept, STDOUT_FILENO) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "standard output");
	return status;
}

int command_mac(const struct options *options, struct error *err)
{
	struct options wanted = *options;
	wanted.network = true;
	if (!options->watch)
		return test(&wanted, NULL, err);
	cleanup_text struct text shown = TEXT_INIT;
	int status;
	while ((status = test_and_stay(&wanted, &shown, err)) > 0) {
		wanted.again = true;
		sleep(PAUSE_S);
	}
	return status;
}
