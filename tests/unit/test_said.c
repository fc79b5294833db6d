/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a place was told last is kept whole, and anything else in its stead is nothing. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crc32.h"
#include "transport/beat.h"
#include "transport/said.h"

#define HTTPS  "https://collector.example"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FULL   "01970000-0000-7000-8000-000000000005"

static char place[] = "/tmp/nestready-said-XXXXXX";
static struct spool spool = { .directory = -1 };
static struct error err = ERROR_INIT;
static const struct said told = { DIGEST, FULL, 1800000000 };

static void begin(void)
{
	const struct spool_limits limits = SPOOL_LIMITS_INIT;
	cr_assert_not_null(mkdtemp(place));
	cr_assert_eq(spool_open(&spool, place, &limits, &err), 0, "%s", err.message);
}

static void end(void)
{
	char command[64];
	spool_close(&spool);
	snprintf(command, sizeof command, "rm -r %s", place);
	cr_assert_eq(system(command), 0);
}

TestSuite(said, .init = begin, .fini = end);

static void name_of(const char *about, char name[40])
{
	snprintf(name, 40, "%08x-%08x.said", (unsigned)crc32_of(HTTPS, strlen(HTTPS)),
	         (unsigned)crc32_of(about, strlen(about)));
}

Test(said, of_each_place_and_target)
{
	struct said said;
	cr_expect_not(said_read(&spool, HTTPS, "kvm", &said));
	cr_assert_eq(said_write(&spool, HTTPS, "kvm", &told, &err), 0, "%s", err.message);
	cr_assert(said_read(&spool, HTTPS, "kvm", &said));
	cr_expect_str_eq(said.digest, DIGEST);
	cr_expect_str_eq(said.full, FULL);
	cr_expect_eq(said.since, told.since);
	cr_expect_not(said_read(&spool, HTTPS, "proxmox", &said));
	cr_expect_not(said_read(&spool, "https://other.example", "kvm", &said));
}

Test(said, is_no_report_of_the_spool)
{
	cleanup_free struct spool_entry *entries = NULL;
	size_t count;
	cr_assert_eq(said_write(&spool, HTTPS, "kvm", &told, &err), 0);
	cr_assert_eq(spool_list(&spool, &entries, &count, &err), 0);
	cr_expect_eq(count, 0);
}

Test(said, a_link_or_a_pipe_in_its_stead_is_nothing)
{
	struct said said;
	char name[40], target[80];
	name_of("kvm", name);
	cr_assert_eq(said_write(&spool, HTTPS, "real", &told, &err), 0);
	name_of("real", target);
	cr_assert_eq(symlinkat(target, spool.directory, name), 0);
	cr_expect_not(said_read(&spool, HTTPS, "kvm", &said));
	cr_assert_eq(unlinkat(spool.directory, name, 0), 0);
	cr_assert_eq(mkfifoat(spool.directory, name, 0600), 0);
	cr_expect_not(said_read(&spool, HTTPS, "kvm", &said));
	/* and is replaced by the next one */
	cr_assert_eq(said_write(&spool, HTTPS, "kvm", &told, &err), 0);
	cr_expect(said_read(&spool, HTTPS, "kvm", &said));
}

Test(said, what_is_not_exactly_ours_is_nothing)
{
	static const char *const bad[] = {
		"",
		"NRF1 ",
		"NRF1 " DIGEST " " FULL " \n",
		"NRF1 " DIGEST " " FULL " 18",
		"NRF1 " DIGEST " " FULL " -8\n",
		"NRF1 " DIGEST " " FULL " 18\n\n",
		"NRF1 " DIGEST " " FULL " 18 \n",
		"NRF1 " DIGEST "  " FULL " 18\n",
		"NRF2 " DIGEST " " FULL " 18\n",
		"NRF1 " DIGEST " " FULL " 99999999999999999999\n",
		"NRF1 " DIGEST " 01970000-0000-7000-8000-00000000000G 18\n",
		"NRF1 X123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef " FULL
		" 18\n",
	};
	struct said said;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		cr_expect_not(said_decode(bad[i], strlen(bad[i]), &said), "%zu", i);
	static const char nul[] = "NRF1 " DIGEST " " FULL " 1\0\n";
	cr_expect_not(said_decode(nul, sizeof nul - 1, &said));
	static const char good[] = "NRF1 " DIGEST " " FULL " 9223372036854775807\n";
	cr_expect(said_decode(good, sizeof good - 1, &said));
	cr_expect_eq(said.since, INT64_MAX);
}

static void refuse(const char *destination, unsigned number)
{
	char id[37], name[SPOOL_NAME_SIZE];
	snprintf(id, sizeof id, "01970000-0000-7000-8000-%012u", number);
	cr_assert_eq(spool_add(&spool, id, destination, "x", 1, &err), 0);
	snprintf(name, sizeof name, "%s-%08x.report", id,
	         (unsigned)crc32_of(destination, strlen(destination)));
	cr_assert_eq(spool_set_aside(&spool, name, &err), 0, "%s", err.message);
}

Test(said, a_refusal_counts_from_the_whole_report_on)
{
	cr_expect_not(said_refused(&spool, HTTPS, FULL));
	refuse(HTTPS, 4);
	refuse("https://other.example", 6);
	cr_assert_eq(spool_add(&spool, "01970000-0000-7000-8000-000000000007", HTTPS, "x", 1, &err),
	             0);
	cr_expect_not(said_refused(&spool, HTTPS, FULL));
	refuse(HTTPS, 6);
	cr_expect(said_refused(&spool, HTTPS, FULL));
	cr_expect_not(said_refused(&spool, HTTPS, "01970000-0000-7000-8000-000000000008"));
}

#define BEAT                                                                                       \
	"{\"schema\":\"" HEARTBEAT_SCHEMA "\",\"id\":\"%s\",\"target\":\"kvm\",\"digest\":\"%s\"}"

static void beat(const char *id, const char *digest, struct text *entry)
{
	text_clear(entry);
	text_printf(entry, BEAT "\n{\"id\":1}", id, digest);
}

Test(said, a_heartbeat_waits_with_its_report)
{
	cleanup_text struct text entry = TEXT_INIT;
	beat(FULL, DIGEST, &entry);
	cr_assert(beat_is(&entry));
	cr_expect_str_eq(beat_report(&entry), "{\"id\":1}");
	cr_expect_eq(text_string(&entry)[beat_length(&entry)], '\n');
	entry.data[beat_length(&entry) + 1] = '\0';
	entry.length = strlen(entry.data);
	cr_expect_null(beat_report(&entry), "nothing behind the newline");
	entry.data[--entry.length] = '\0';
	cr_expect_null(beat_report(&entry), "of an older agent");
	cr_expect_eq(beat_length(&entry), entry.length);
}

Test(said, what_waits_begins_behind_a_newline_whatever_comes_before_it)
{
	static const char torn[] = "{\"schema\":\"" HEARTBEAT_SCHEMA "\"\0}\n{\"id\":1}";
	cleanup_text struct text entry = TEXT_INIT;
	text_add_bytes(&entry, torn, sizeof torn - 1);
	cr_expect_str_eq(beat_report(&entry), "{\"id\":1}");
	text_clear(&entry);
	text_add_bytes(&entry, "no newline\0before", sizeof "no newline\0before" - 1);
	cr_expect_null(beat_report(&entry));
}

Test(said, a_report_that_went_for_its_heartbeat_is_what_was_said)
{
	static const char *const other = "01980000-0000-7000-8000-000000000007";
	static const char *const older = "01960000-0000-7000-8000-000000000007";
	cleanup_text struct text entry = TEXT_INIT;
	struct said said;
	beat(other, DIGEST, &entry);
	beat_replaced(&spool, HTTPS, &entry);
	cr_expect_not(said_read(&spool, HTTPS, "kvm", &said), "nothing was said");
	cr_assert_eq(said_write(&spool, HTTPS, "kvm", &told, &err), 0, "%s", err.message);
	beat(older, DIGEST, &entry);
	beat_replaced(&spool, HTTPS, &entry);
	beat(other, "another digest", &entry);
	beat_replaced(&spool, HTTPS, &entry);
	beat("no id", DIGEST, &entry);
	beat_replaced(&spool, HTTPS, &entry);
	beat(other, DIGEST, &entry);
	beat_replaced(&spool, "https://other.example", &entry);
	text_clear(&entry);
	text_add(&entry, "no JSON");
	beat_replaced(&spool, HTTPS, &entry);
	cr_assert(said_read(&spool, HTTPS, "kvm", &said));
	cr_expect_str_eq(said.full, FULL);
	cr_expect_eq(said.since, told.since);
	beat(other, DIGEST, &entry);
	beat_replaced(&spool, HTTPS, &entry);
	cr_assert(said_read(&spool, HTTPS, "kvm", &said));
	cr_expect_str_eq(said.full, other);
	cr_expect_str_eq(said.digest, DIGEST);
	cr_expect_gt(said.since, 0);
	cr_expect_neq(said.since, told.since);
}
