/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_describe.h. */
#include "probes/mac_describe.h"

#include <inttypes.h>
#include <string.h>

#include "report/fact.h"

void mac_describe_line(json_t *evidence, const char *line)
{
	json_array_append_new(evidence, fact_text_value(line, strlen(line)));
}

/* The marks of one kind, by name; nothing when there are none. */
static void add_marks(struct text *line, const struct mac_observation *observation,
                      enum mac_mark mark)
{
	bool first = true;
	for (unsigned i = 0; i < MAC_PROBES; i++) {
		if (observation->mark[i] != mark)
			continue;
		text_printf(line, "%s %s", first ? (line->length > 0 ? ";" : "") : ",",
		            mac_probe_name((enum mac_probe)i));
		first = false;
	}
	if (!first)
		text_printf(line, " %s", mac_mark_name(mark));
}

static void add_responder(struct text *line, const struct mac_observation *observation)
{
	if (observation->responder[0] == '\0')
		text_add(line, "nobody answered");
	else if (observation->rtt_us < 1000)
		text_printf(line, "%s answered in %u us", observation->responder,
		            observation->rtt_us);
	else
		text_printf(line, "%s answered in %.1f ms", observation->responder,
		            observation->rtt_us / 1000.0);
}

void mac_describe(const struct mac_observation *observation, json_t *evidence)
{
	cleanup_text struct text line = TEXT_INIT;
	text_printf(&line, "%s, ", observation->family == MAC_IPV6 ? "IPv6" : "IPv4");
	add_responder(&line, observation);
	text_printf(&line, "; %u round%s, %u frames, %u of them forged", observation->rounds,
	            observation->rounds == 1 ? "" : "s", observation->frames, observation->forged);
	if (observation->lost_permille > 0)
		text_printf(&line, "; %u of 1000 frames of controls lost",
		            observation->lost_permille);
	mac_describe_line(evidence, text_string(&line));
	text_clear(&line);
	add_marks(&line, observation, MAC_SEEN);
	add_marks(&line, observation, MAC_SILENT);
	add_marks(&line, observation, MAC_UNCLEAR);
	mac_describe_line(evidence, text_string(&line) + strspn(text_string(&line), " "));
	if (observation->spare_in_use)
		mac_describe_line(evidence, "the spare address is in use, and was not tried");
}

void mac_describe_pair(const char *other, const struct mac_observation *observation,
                       json_t *evidence)
{
	cleanup_text struct text line = TEXT_INIT;
	cleanup_text struct text marks = TEXT_INIT;
	add_marks(&marks, observation, MAC_SEEN);
	add_marks(&marks, observation, MAC_SILENT);
	add_marks(&marks, observation, MAC_UNCLEAR);
	text_printf(&line, "%s on the same segment:%s; %u frames, %u of them forged", other,
	            text_string(&marks), observation->frames, observation->forged);
	mac_describe_line(evidence, text_string(&line));
}

/* What was there before any frame; promiscuity of this guest's own shows it too, so it proves
 * nothing. */
void mac_describe_foreign(const struct nic *nic, json_t *evidence)
{
	cleanup_text struct text line = TEXT_INIT;
	if (nic->foreign == 0)
		return;
	text_printf(&line,
	            "before the test: %" PRIu64 " IP frames to other MACs had come in "
	            "(promiscuous mode, or flooding)",
	            nic->foreign);
	mac_describe_line(evidence, text_string(&line));
}
