/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_text.h. */
#include "probes/mac_text.h"

#include <ctype.h>
#include <string.h>

#include "probes/lines.h"

/* Six pairs of hex digits with : or - between, not part of something longer. */
static bool is_mac(const char *at, const char *end)
{
	if (end - at < 17 ||
	    (end - at > 17 && (isxdigit((unsigned char)at[17]) || at[17] == at[2])))
		return false;
	for (int i = 0; i < 17; i++) {
		bool separator = i % 3 == 2;
		if (separator ? at[i] != at[2] : !isxdigit((unsigned char)at[i]))
			return false;
	}
	return at[2] == ':' || at[2] == '-';
}

bool mac_text_names_one(const char *text)
{
	struct line line;
	while (lines_next(&text, &line)) {
		const char *end = line.start + line.length;
		const char *at = line.start + strspn(line.start, " \t");
		for (bool inside = false; at < end && *at != '#' && *at != ';'; at++) {
			if (!inside && is_mac(at, end))
				return true;
			inside = isxdigit((unsigned char)*at) || *at == ':' || *at == '-';
		}
	}
	return false;
}
