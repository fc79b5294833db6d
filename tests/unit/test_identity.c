/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids and times, against vectors of the standards and the C library's calendar. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/identity.h"

Test(identity, uuid_is_the_rfc_9562_vector)
{
	/* RFC 9562, A.6: rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F */
	static const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc,
		                            0x0c, 0x0c, 0x07, 0x39, 0x8f };
	char uuid[IDENTITY_UUID_SIZE];
	identity_uuid(0x017f22e279b0, random, uuid);
	cr_assert_str_eq(uuid, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

Test(identity, uuid_keeps_version_and_variant_whatever_is_drawn)
{
	uint8_t random[10];
	char uuid[IDENTITY_UUID_SIZE];
	memset(random, 0xff, sizeof random);
	identity_uuid(0xffffffffffff, random, uuid);
	cr_assert_str_eq(uuid, "ffffffff-ffff-7fff-bfff-ffffffffffff");
}

Test(identity, time_agrees_with_the_calendar)
{
	/* every 11 hours and some from 1970 to 2100: all months, leap years, a century's turn */
	for (uint64_t seconds = 0; seconds < 4102444800u; seconds += 39607) {
		char ours[IDENTITY_TIME_SIZE];
		char theirs[40];
		struct tm tm;
		time_t when = (time_t)seconds;
		identity_time(seconds * 1000 + 7, ours);
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.007Z", gmtime_r(&when, &tm));
		cr_assert_str_eq(ours, theirs);
	}
}

Test(identity, guest_is_taken_from_facts)
{
	struct report report = { .facts = fact_set_new() };
	struct error err = ERROR_INIT;
	json_t *boot = json_string("0b0e1c52-6f3f-4a6c-8b61-2c19a8d3f5aa");
	json_t *huge = json_string("a product uuid that is far too long to be one of them");
	fact_set_add(
	        report.facts,
	        &(struct fact){ .key = "guest.boot-id", .status = STATUS_OBSERVED, .value = boot });
	fact_set_add(report.facts, &(struct fact){ .key = "dmi.product-uuid",
	                                           .status = STATUS_OBSERVED,
	                                           .value = huge });
	cr_assert_eq(identity_fill(&report, true, &err), 0);
	cr_assert_str_eq(report.guest.boot_id, "0b0e1c52-6f3f-4a6c-8b61-2c19a8d3f5aa");
	cr_assert_str_eq(report.guest.system_uuid, "");
	cr_assert_str_eq(report.guest.hostname, "", "a recording is not of this host");
	cr_assert_eq(strlen(report.id), 36);
	cr_assert_eq(report.id[14], '7');
	json_decref(boot);
	json_decref(huge);
	fact_set_free(report.facts);
}
