/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of an earlier MAC test: what is said of it is one line, of words it knows, and never
 * of another interface. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mac_last.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool mac_of(const char *nic, char mac[18])
{
	if (strchr(nic, '/') != NULL || nic[0] == '.' || strlen(nic) > 15)
		abort();
	memcpy(mac, "02:00:00:00:00:11", 18);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mac_last_moment now = {
		.boot_id = "b", .platform = "p", .wall = 1000, .uptime = 900, .mac_of = mac_of
	};
	struct error err = ERROR_INIT;
	cleanup_text struct text says = TEXT_INIT;
	int failed = mac_last_read((const char *)data, size, &now, &says, &err);
	if (failed != 0 ? err.code != ERROR_BAD_INPUT || says.length > 0 : err.code != ERROR_NONE)
		abort();
	if (says.length > 0 && strstr(text_string(&says), " ago by the MAC test") == NULL)
		abort();
	return 0;
}
