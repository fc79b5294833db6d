/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_text.h. */
#include "agent/mac_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/items.h"
#include "report/per_nic.h"
#include "report/text_item.h"

#define COLUMNS 80

static const char *text_of(const struct fact_set *facts, const char *key)
{
	const struct fact *fact = fact_set_find(facts, key);
	const char *text = fact == NULL ? NULL : json_string_value(fact->value);
	return text == NULL ? "" : text;
}

/* The gap of one interface, which may be another than the worst one's; "" when there is none. */
static const char *gap_of(const struct report *report, const char *nic)
{
	const struct finding *finding = judgment_finding(&report->judgment, FINDING_NETWORK);
	struct nic_finding list[PER_NIC_MAX];
	int count = finding == NULL ? 0 : per_nic_judge(finding->requirement, report->facts, list);
	for (int i = 0; i < count; i++)
		if (strcmp(list[i].nic, nic) == 0 && list[i].gap != NULL)
			return list[i].gap;
	return "";
}

/* What was not settled, and what may settle it. */
static const char settled_by_echo[] =
        " --mac-echo IP   # an address on this network that answers pings\n"
        "       or --nic IFACE --nic IFACE, where two are on one network\n";

static const struct {
	const char *word, *confidence; /* NULL: any */
	const char *sudo, *arguments;
} settled_by[] = {
	{ "not-permitted", NULL, "sudo ", "\n" },
	{ "no-responder", NULL, "", settled_by_echo },
	{ "inconclusive", NULL, "", settled_by_echo },
	{ "egress-ok-ingress-unknown", NULL, "", settled_by_echo },
	{ "open", "medium", "", settled_by_echo },
};

static void write_settling(const struct options *options, const char *word, const char *confidence,
                           struct text *out)
{
	if (options->mac_echo != NULL && strcmp(word, "open") == 0 &&
	    strcmp(confidence, "medium") == 0)
		text_printf(out,
		            "     to settle it: %s mac --mac-echo IP   # one that answers pings; "
		            "%s did not\n",
		            options->program, options->mac_echo);
	for (size_t i = 0; i < sizeof settled_by / sizeof settled_by[0]; i++)
		if (strcmp(settled_by[i].word, word) == 0 && options->mac_echo == NULL &&
		    (settled_by[i].confidence == NULL ||
		     strcmp(settled_by[i].confidence, confidence) == 0))
			text_printf(out, "     to settle it: %s%s mac%s", settled_by[i].sudo,
			            options->program, settled_by[i].arguments);
}

/* One interface: the word, and what it rests on where that is wanted; `when` is "" or the time. */
static void write_nic(const struct options *options, const struct report *report, const char *key,
                      const char *when, bool evidence, struct text *out)
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
	if (evidence)
		write_settling(options, text_of(report->facts, key), confidence, out);
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
	const struct finding *finding = judgment_finding(&report->judgment, FINDING_NETWORK);
	struct item *items;
	size_t count;
	if (finding == NULL || items_collect(&report->judgment, report->platform.platform,
	                                     report->facts, options->tool, &items, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (finding->outcome == OUTCOME_FAIL && item_has(&items[i], finding))
			text_item(&page, &items[i], 0, report, &format, DETAIL_FULL);
	free(items);
}

/* Of what was seen beside it, what was asked about or is not as it should be. */
static void write_aside(const struct options *options, const struct report *report,
                        struct text *out)
{
	static const char *const ids[] = { "net.vlan", "net.duplicates", "net.permanent-mac" };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		const struct finding *finding = judgment_finding(&report->judgment, ids[i]);
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

void mac_text_nics(const struct options *options, const struct report *report, const char *when,
                   bool evidence, struct text *out)
{
	size_t nics = 0;
	for (size_t i = 0; i < fact_set_count(report->facts); i++) {
		const char *key = fact_set_at(report->facts, i)->key;
		if (!is_nic(key))
			continue;
		write_nic(options, report, key, when, evidence, out);
		nics++;
	}
	const struct fact *fact = fact_set_find(report->facts, FINDING_NETWORK);
	if (nics == 0 && fact != NULL && fact->why != NULL)
		text_printf(out, "%snot tested: %s\n", when, fact->why);
}

void mac_text_advice(const struct options *options, const struct report *report, struct text *out)
{
	write_fix(options, report, out);
	write_aside(options, report, out);
}
