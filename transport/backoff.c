/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See backoff.h. */
#include "transport/backoff.h"

#define ASKED_MAX_SECONDS 3600

uint64_t backoff_ms(unsigned failures, uint64_t random)
{
	uint64_t bound = BACKOFF_FIRST_MS;
	while (failures-- > 1 && bound < BACKOFF_MAX_MS)
		bound *= 2;
	if (bound > BACKOFF_MAX_MS)
		bound = BACKOFF_MAX_MS;
	return random % (bound + 1);
}

uint64_t backoff_asked_ms(unsigned seconds, uint64_t random)
{
	uint64_t least =
	        (seconds > ASKED_MAX_SECONDS ? ASKED_MAX_SECONDS : seconds) * UINT64_C(1000);
	return least + random % (least / 10 + 1);
}
