/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken in names a guest, a target, a verdict and a report. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/heartbeat.h"
#include "collector/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heartbeat heartbeat;
	struct error err = ERROR_INIT;
	bool well_formed = false;
	if (heartbeat_read((const char *)data, size, "lab", &heartbeat, &well_formed, &err) != 0) {
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0')
			abort();
		return 0;
	}
	if (!well_formed || !word_is_uuid7(heartbeat.id) || heartbeat.name[0] == '\0' ||
	    !word_is_uuid7(heartbeat.heard.report) || !word_is_id(heartbeat.heard.target) ||
	    strlen(heartbeat.heard.guest) != INTAKE_GUEST_SIZE - 1 ||
	    heartbeat.heard.verdict[0] == '\0' || heartbeat.heard.known)
		abort();
	return 0;
}
