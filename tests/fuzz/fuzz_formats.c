/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine whose texts are the input: every format writes it as well-formed
 * UTF-8 without control characters, and with as much markup as for a machine
 * of the same findings that says nothing remarkable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/report.h"
#include "report/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

struct collecting {
	struct fact_sink sink;
	struct fact_set *facts;
};

static void collect(struct fact_sink *sink, const struct fact *fact)
{
	require(fact_set_add(((struct collecting *)(void *)sink)->facts, fact) == 0);
}

/*
 * A guest of QEMU, whose product and reasons are in every format.  The worker's
 * lines are JSON, so reasons are UTF-8, with control characters at worst.
 */
static void judge_machine(const char *text, struct report *report)
{
	char why[96];
	text_cut(why, sizeof why, text);
	for (size_t i = 0; why[i] != '\0'; i++)
		why[i] = (unsigned char)why[i] < 0x80 ? why[i] : '?';
	struct collecting to = { { collect }, fact_set_new() };
	require(to.facts != NULL);
	fact_text(&to.sink, "hypervisor.signatures", "TCGTCGTCGTCG", why);
	fact_text(&to.sink, "dmi.product-version", text, why);
	fact_text(&to.sink, "cpu.vendor", text, why);
	fact_bool(&to.sink, "cpu.vmx", false, why);
	fact_bool(&to.sink, "cpu.svm", false, why);
	fact_none(&to.sink, "kvm.device", STATUS_DENIED, why, why);
	fact_none(&to.sink, "l2.long-mode", STATUS_FAILED, why, why);
	*report = (struct report){ .facts = to.facts, .agent_version = text };
	text_cut(report->guest.hostname, sizeof report->guest.hostname, text);
	require(report_judge(report, NULL, false, NULL) == 0);
}

/* How often a character of some meaning comes, not counting those behind a backslash. */
static size_t count(const struct text *text, char wanted, bool backslashes)
{
	size_t found = 0;
	for (const char *at = text_string(text); *at != '\0'; at++) {
		found += *at == wanted;
		at += backslashes && *at == '\\' && at[1] != '\0';
	}
	return found;
}

static void check_text(const char *name, const struct text *out)
{
	require(!out->failed && out->length > 0 && out->data[out->length - 1] == '\n');
	require(strlen(out->data) == out->length && utf8_valid(out->data, out->length));
	for (size_t i = 0; i < out->length; i++)
		require((unsigned char)out->data[i] >= 0x20 || out->data[i] == '\n');
	if (strcmp(name, "json") == 0 || strcmp(name, "facts") == 0) {
		json_t *json = json_loads(out->data, JSON_REJECT_DUPLICATES, NULL);
		require(json != NULL);
		json_decref(json);
	}
}

/* The characters that no text of the machine may add to a format. */
static const struct {
	const char *format;
	const char *characters;
	bool backslashes; /* take a character's meaning */
} guarded[] = {
	{ "junit", "<>", false },
	{ "nagios", "|\n", false },
	{ "openmetrics", "\"\n", true },
};

static void compare(const struct format *format, const struct report *report,
                    const struct report *dull)
{
	static const struct format_options options = { .columns = 80, .rows = 24 };
	cleanup_text struct text out = TEXT_INIT;
	cleanup_text struct text other = TEXT_INIT;
	format->write(report, &options, &out);
	check_text(format->name, &out);
	for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++) {
		if (strcmp(guarded[i].format, format->name) != 0)
			continue;
		format->write(dull, &options, &other);
		for (const char *c = guarded[i].characters; *c != '\0'; c++)
			require(count(&out, *c, guarded[i].backslashes) ==
			        count(&other, *c, guarded[i].backslashes));
	}
}

/* A ticket is ASCII, and ends with the command that verifies. */
static void ask(const struct report *report)
{
	static const char end[] = "\n  again\n";
	const struct format_options format = { .root = true, .again = "again" };
	const struct ticket_options options = { &format, false };
	cleanup_text struct text out = TEXT_INIT;
	ticket_write(report, &options, &out);
	check_text("ticket", &out);
	for (size_t i = 0; i < out.length; i++)
		require((unsigned char)out.data[i] < 0x7f);
	require(strcmp(out.data + out.length - strlen(end), end) == 0);
}

/* Some texts say more than others: "GenuineIntel". */
static bool alike(const struct report *a, const struct report *b)
{
	if (a->platform.platform != b->platform.platform)
		return false;
	for (size_t i = 0; i < a->judgment.finding_count; i++) {
		if (a->judgment.findings[i].outcome != b->judgment.findings[i].outcome)
			return false;
	}
	return a->judgment.target == b->judgment.target;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report report, dull;
	char *text = malloc(size + 1);
	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	judge_machine(text, &report);
	judge_machine("dull", &dull);
	for (size_t i = 0; format_table[i] != NULL; i++)
		compare(format_table[i], &report, alike(&report, &dull) ? &dull : &report);
	ask(&report);
	report_clear(&report);
	report_clear(&dull);
	free(text);
	return 0;
}
