/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strict reader: what is not exactly such a line is refused, not guessed at. */
#include "probes/pci_line.h"

#include <ctype.h>
#include <string.h>

/* Takes four hex digits and the character that ends them; `end` is '\0' for the end of the line. */
static bool take_hex(const char **at, const char *stop, char end, uint16_t *value)
{
	static const char digits[] = "0123456789abcdef";
	unsigned number = 0;
	if (stop - *at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const char *digit = memchr(digits, tolower((unsigned char)*(*at)++), 16);
		if (digit == NULL)
			return false;
		number = number << 4 | (unsigned)(digit - digits);
	}
	*value = (uint16_t)number;
	if (end == '\0')
		return *at == stop;
	return *at < stop && *(*at)++ == end;
}

bool pci_line_parse(const char *line, size_t length, struct pci_line *parsed)
{
	const char *at = line;
	const char *stop = line + length;
	while (at < stop && isgraph((unsigned char)*at))
		at++;
	if (at == line || at == stop || *at++ != ' ')
		return false;
	return take_hex(&at, stop, ' ', &parsed->class) &&
	       take_hex(&at, stop, ':', &parsed->vendor) &&
	       take_hex(&at, stop, ' ', &parsed->device) &&
	       take_hex(&at, stop, ':', &parsed->subvendor) &&
	       take_hex(&at, stop, '\0', &parsed->subdevice);
}
