/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identifiers and time without the C library's calendar: gmtime_r reads the
 * time zone from disk even for UTC, and this is on the path to every verdict.
 */
#include "agent/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "config.h"

void identity_uuid(uint64_t unix_ms, const uint8_t random[10], char uuid[IDENTITY_UUID_SIZE])
{
	snprintf(uuid, IDENTITY_UUID_SIZE, "%08x-%04x-7%01x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         (unsigned)(unix_ms >> 16), (unsigned)(unix_ms & 0xffff), random[0] & 0x0fu,
	         random[1], (random[2] & 0x3fu) | 0x80u, random[3], random[4], random[5], random[6],
	         random[7], random[8], random[9]);
}

/*
 * The civil date of a day counted from 1970-01-01, in years that begin in
 * March, so that the leap day comes last (E. M. Reingold and N. Dershowitz,
 * Calendrical Calculations, ch. 2).
 */
void identity_time(uint64_t unix_ms, char text[IDENTITY_TIME_SIZE])
{
	uint64_t seconds = unix_ms / 1000;
	uint64_t days = seconds / 86400 + 719468; /* since 0000-03-01 */
	uint64_t era = days / 146097;             /* of 400 years */
	uint64_t day = days % 146097;
	uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	uint64_t month = (5 * day + 2) / 153; /* 0 is March */
	day -= (153 * month + 2) / 5;
	year += era * 400 + (month >= 10);
	unsigned second = (unsigned)(seconds % 86400);
	snprintf(text, IDENTITY_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	         (unsigned)(year % 10000), (unsigned)(month < 10 ? month + 3 : month - 9) % 100,
	         (unsigned)(day + 1) % 100, second / 3600, second / 60 % 60, second % 60,
	         (unsigned)(unix_ms % 1000));
}

uint64_t identity_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The text of a fact, "" when there is none or it does not fit whole. */
static void copy_fact(const struct fact_set *facts, const char *key, char *to, size_t size)
{
	const struct fact *fact = fact_set_find(facts, key);
	const char *value = fact == NULL ? NULL : json_string_value(fact->value);
	if (value != NULL && strlen(value) < size)
		memcpy(to, value, strlen(value) + 1);
	else
		to[0] = '\0';
}

int identity_fill(struct report *report, bool imported, struct error *err)
{
	uint8_t random[10];
	uint64_t now = identity_now();
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(err, ERROR_INTERNAL, errno, "cannot draw a report id");
	identity_uuid(now, random, report->id);
	identity_time(now, report->time);
	report->agent_version = PACKAGE_VERSION;

	struct guest_identity *guest = &report->guest;
	copy_fact(report->facts, "dmi.product-uuid", guest->system_uuid, sizeof guest->system_uuid);
	copy_fact(report->facts, "guest.boot-id", guest->boot_id, sizeof guest->boot_id);
	if (imported || gethostname(guest->hostname, sizeof guest->hostname) != 0)
		guest->hostname[0] = '\0';
	guest->hostname[sizeof guest->hostname - 1] = '\0';
	return 0;
}
