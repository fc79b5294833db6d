/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text form of an observation: a table of its members, read and written by the same rows. */
#include "machine/mac.h"

#include <stdlib.h>
#include <string.h>

static const char *const probe_names[MAC_PROBES] = {
	[MAC_ALIVE] = "alive",
	[MAC_ANONYMOUS] = "anonymous",
	[MAC_INGRESS] = "ingress",
	[MAC_EGRESS] = "egress",
	[MAC_NESTED] = "nested",
	[MAC_ECHO] = "echo",
	[MAC_FORGED_ECHO] = "forged-echo",
	[MAC_ANYTHING] = "anything",
	[MAC_SPARE_TAKEN] = "spare-taken",
	[MAC_SPARE] = "spare",
	[MAC_DHCP] = "dhcp",
	[MAC_VLAN] = "vlan",
};

static const char *const mark_names[] = {
	[MAC_UNASKED] = "unasked",
	[MAC_SEEN] = "seen",
	[MAC_SILENT] = "silent",
	[MAC_UNCLEAR] = "unclear",
};

#define MARKS (sizeof mark_names / sizeof mark_names[0])

#define PLACE(member) offsetof(struct mac_observation, member)

static const struct {
	const char *name;
	bool flag; /* a bool; else an unsigned */
	size_t offset;
} members[] = {
	{ "rtt-us", false, PLACE(rtt_us) },
	{ "rounds", false, PLACE(rounds) },
	{ "lost-permille", false, PLACE(lost_permille) },
	{ "frames", false, PLACE(frames) },
	{ "limited", false, PLACE(limited) },
	{ "forged", false, PLACE(forged) },
	{ "duplicates", false, PLACE(duplicates) },
	{ "reflected", false, PLACE(reflected) },
	{ "blocked", true, PLACE(blocked) },
	{ "not-sent", true, PLACE(not_sent) },
	{ "broadcasts", true, PLACE(broadcasts) },
	{ "by-source", true, PLACE(by_source) },
	{ "spare-in-use", true, PLACE(spare_in_use) },
};

#define MEMBERS (sizeof members / sizeof members[0])

const char *mac_probe_name(enum mac_probe probe)
{
	return probe_names[probe];
}

const char *mac_mark_name(enum mac_mark mark)
{
	return mark_names[mark];
}

void mac_observation_write(const struct mac_observation *observation, struct text *out)
{
	text_printf(out, "family %s\n", observation->family == MAC_IPV4 ? "ipv4" : "ipv6");
	if (observation->responder[0] != '\0')
		text_printf(out, "responder %s\n", observation->responder);
	for (size_t i = 0; i < MAC_PROBES; i++)
		if (observation->mark[i] != MAC_UNASKED)
			text_printf(out, "%s %s\n", probe_names[i],
			            mark_names[observation->mark[i]]);
	for (size_t i = 0; i < MEMBERS; i++) {
		const char *place = (const char *)observation + members[i].offset;
		unsigned value = members[i].flag ? *(const bool *)(const void *)place
		                                 : *(const unsigned *)(const void *)place;
		text_printf(out, "%s %u\n", members[i].name, value);
	}
}

static bool read_family(const char *value, struct mac_observation *observation)
{
	observation->family = strcmp(value, "ipv6") == 0 ? MAC_IPV6 : MAC_IPV4;
	return strcmp(value, "ipv6") == 0 || strcmp(value, "ipv4") == 0;
}

static bool read_mark(const char *value, enum mac_mark *mark)
{
	for (size_t i = 0; i < MARKS; i++) {
		if (strcmp(value, mark_names[i]) == 0) {
			*mark = (enum mac_mark)i;
			return true;
		}
	}
	return false;
}

static bool read_number(const char *value, bool flag, char *place)
{
	size_t digits = strspn(value, "0123456789");
	if (digits == 0 || digits > 9 || value[digits] != '\0')
		return false;
	unsigned number = (unsigned)strtoul(value, NULL, 10);
	if (flag)
		*(bool *)(void *)place = number != 0;
	else
		*(unsigned *)(void *)place = number;
	return !flag || number <= 1;
}

static bool read_line(const char *name, const char *value, struct mac_observation *observation)
{
	if (strcmp(name, "family") == 0)
		return read_family(value, observation);
	if (strcmp(name, "responder") == 0) {
		text_cut(observation->responder, sizeof observation->responder, value);
		return strlen(value) < sizeof observation->responder;
	}
	for (size_t i = 0; i < MAC_PROBES; i++)
		if (strcmp(name, probe_names[i]) == 0)
			return read_mark(value, &observation->mark[i]);
	for (size_t i = 0; i < MEMBERS; i++)
		if (strcmp(name, members[i].name) == 0)
			return read_number(value, members[i].flag,
			                   (char *)observation + members[i].offset);
	return true; /* of a later version */
}

int mac_observation_read(const char *text, size_t length, struct mac_observation *observation,
                         struct error *err)
{
	const char *end = text + length;
	*observation = (struct mac_observation){ .family = MAC_IPV4 };
	for (unsigned number = 1; text < end; number++) {
		char line[128];
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t size = newline == NULL ? (size_t)(end - text) : (size_t)(newline - text);
		if (size < sizeof line) {
			memcpy(line, text, size);
			line[size] = '\0';
		}
		char *blank = size < sizeof line ? strchr(line, ' ') : NULL;
		if (blank != NULL)
			*blank = '\0';
		if (blank == NULL || !read_line(line, blank + 1, observation))
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "observation, line %u: expected a name and its value",
			                 number);
		text = newline == NULL ? end : newline + 1;
	}
	return 0;
}
