/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report in the spool is whole, stays, and makes room for nothing but a newer one. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crc32.h"
#include "transport/spool.h"
#include "transport/spool_file.h"

#define HTTPS "https://collector.example"

static char place[] = "/tmp/nestready-spool-XXXXXX";
static struct spool spool = { .directory = -1 };
static struct error err = ERROR_INIT;

static void open_spool(uint64_t bytes)
{
	const struct spool_limits limits = { .bytes = bytes, .age_seconds = 1000 };
	spool_close(&spool);
	cr_assert_eq(spool_open(&spool, place, &limits, &err), 0, "%s", err.message);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(place));
	open_spool(1 << 20);
}

static void end(void)
{
	char command[64];
	spool_close(&spool);
	snprintf(command, sizeof command, "rm -r %s", place);
	cr_assert_eq(system(command), 0);
}

TestSuite(spool, .init = begin, .fini = end);

/* Adds a report whose id ends in `number`. */
static int add(unsigned number, const char *report)
{
	char id[37];
	snprintf(id, sizeof id, "01970000-0000-7000-8000-%012u", number);
	err = (struct error)ERROR_INIT;
	return spool_add(&spool, id, HTTPS, report, strlen(report), &err);
}

static size_t listed(struct spool_entry **entries)
{
	size_t count;
	cr_assert_eq(spool_list(&spool, entries, &count, &err), 0);
	return count;
}

/* The numbers of what is there, in order. */
static const char *numbers(void)
{
	static char text[200];
	cleanup_free struct spool_entry *entries = NULL;
	size_t count = listed(&entries);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i == 0 ? "" : " ",
		         atoi(entries[i].name + 24));
	return text;
}

static void make(const char *name, const char *content)
{
	cleanup_fd int fd = openat(spool.directory, name, O_WRONLY | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
}

static void age(const char *name, time_t seconds)
{
	struct timespec times[2] = { { .tv_sec = time(NULL) - seconds } };
	times[1] = times[0];
	cr_assert_eq(utimensat(spool.directory, name, times, 0), 0);
}

Test(spool, checksum_is_that_of_zlib)
{
	cr_expect_eq(crc32_of("123456789", 9), 0xcbf43926u);
	cr_expect_eq(crc32_of("", 0), 0u);
}

Test(spool, what_goes_in_comes_out)
{
	cleanup_text struct text destination = TEXT_INIT, report = TEXT_INIT;
	cleanup_free struct spool_entry *entries = NULL;
	char id[37];
	cr_assert_eq(add(1, "{\n\"a\": 1}\n"), 0, "%s", err.message);
	cr_assert_eq(listed(&entries), 1);
	cr_expect(entries[0].waiting);
	spool_id(entries[0].name, id);
	cr_expect_str_eq(id, "01970000-0000-7000-8000-000000000001");
	cr_assert_eq(spool_read(&spool, entries[0].name, &destination, &report, &err), 0);
	cr_expect_str_eq(text_string(&destination), HTTPS);
	cr_expect_str_eq(text_string(&report), "{\n\"a\": 1}\n");
	cr_expect_eq(spool_remove(&spool, entries[0].name, &err), 0);
	cr_expect_str_eq(numbers(), "");
	cr_expect_eq(spool_read(&spool, entries[0].name, &destination, &report, &err), -1);
	cr_expect_eq(err.code, ERROR_NO_INPUT);
}

Test(spool, one_report_for_two_destinations_is_two_files)
{
	cr_assert_eq(add(1, "{}"), 0);
	cr_assert_eq(spool_add(&spool, "01970000-0000-7000-8000-000000000001", "vsock:2:9", "{}", 2,
	                       &err),
	             0);
	cr_expect_str_eq(numbers(), "1 1");
	cr_assert_eq(add(1, "{}"), 0);
	cr_expect_str_eq(numbers(), "1 1", "the same again is no third one");
}

Test(spool, oldest_is_dropped_first_and_counted)
{
	open_spool(200);
	for (unsigned i = 1; i <= 5; i++)
		cr_assert_eq(add(i, "01234567890123456789"), 0, "%s", err.message);
	cr_expect_str_eq(numbers(), "3 4 5", "three of 53 bytes fit into 200");
	cr_expect_eq(spool_dropped(&spool), 2);
	cr_assert_eq(add(6, "01234567890123456789"), 0);
	cr_expect_str_eq(numbers(), "4 5 6");
	cr_expect_eq(spool_dropped(&spool), 3);
}

Test(spool, what_can_never_fit_drops_nothing)
{
	char large[300];
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	open_spool(200);
	cr_assert_eq(add(1, "{}"), 0);
	cr_expect_eq(add(2, large), -1);
	cr_expect_eq(err.code, ERROR_UNAVAILABLE);
	cr_expect_str_eq(numbers(), "1");
	cr_expect_eq(spool_dropped(&spool), 0);
}

Test(spool, too_old_is_dropped_and_counted)
{
	cleanup_free struct spool_entry *entries = NULL;
	add(1, "{}");
	add(2, "{}");
	cr_assert_eq(listed(&entries), 2);
	age(entries[0].name, 1002);
	cr_expect_eq(spool_expire(&spool, &err), 0);
	cr_expect_str_eq(numbers(), "2");
	cr_expect_eq(spool_dropped(&spool), 1);
	age(entries[1].name, -5000);
	cr_expect_eq(spool_expire(&spool, &err), 0);
	cr_expect_str_eq(numbers(), "2", "a clock that was set back makes nothing old");
}

Test(spool, refused_is_kept_within_the_bounds)
{
	cleanup_free struct spool_entry *entries = NULL, *after = NULL;
	open_spool(120);
	add(1, "01234567890123456789");
	cr_assert_eq(listed(&entries), 1);
	cr_assert_eq(spool_set_aside(&spool, entries[0].name, &err), 0);
	cr_assert_eq(listed(&after), 1);
	cr_expect_not(after[0].waiting);
	add(2, "01234567890123456789");
	add(3, "01234567890123456789");
	cr_expect_str_eq(numbers(), "2 3");
}

Test(spool, abandoned_temporaries_go_and_new_ones_stay)
{
	make(".new-0000000000000001", "torn");
	make(".new-0000000000000002", "being written");
	age(".new-0000000000000001", 7200);
	cr_expect_eq(spool_expire(&spool, &err), 0);
	cr_expect_neq(faccessat(spool.directory, ".new-0000000000000001", F_OK, 0), 0);
	cr_expect_eq(faccessat(spool.directory, ".new-0000000000000002", F_OK, 0), 0);
	cr_expect_str_eq(numbers(), "");
}

Test(spool, files_of_others_are_neither_listed_nor_believed)
{
	static const char name[] = "01970000-0000-7000-8000-000000000001-00000000.report";
	cleanup_text struct text destination = TEXT_INIT, report = TEXT_INIT;
	make("notes.report", "NRS1 2\nx:\n{}");
	cr_expect_str_eq(numbers(), "");
	cr_assert_eq(symlinkat("/etc/passwd", spool.directory, name), 0);
	cr_expect_eq(spool_read(&spool, name, &destination, &report, &err), -1, "a link");
	cr_assert_eq(unlinkat(spool.directory, name, 0), 0);
	cr_assert_eq(mkfifoat(spool.directory, name, 0600), 0);
	cr_expect_eq(spool_read(&spool, name, &destination, &report, NULL), -1, "a pipe");
	cr_assert_eq(mkfifoat(spool.directory, "dropped", 0600), 0);
	cr_expect_eq(spool_dropped(&spool), 0);
}

Test(spool, torn_files_are_refused)
{
	static const char *const torn[] = {
		"",
		"NRS1",
		"NRS1 2",
		"NRS1 2\nx:",
		"NRS1 2\nx:\n{",
		"NRS1 2\nx:\n{} ",
		"NRS1 -2\nx:\n{}",
		"NRS1 2x\nx:\n{}",
		"NRS2 2\nx:\n{}",
		"NRS1 2\n\n{}",
		"NRS1 99999999999999999999\nx:\n{}",
	};
	for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
		cleanup_text struct text destination = TEXT_INIT, report = TEXT_INIT;
		struct error why = ERROR_INIT;
		cr_expect_eq(
		        spool_file_decode(torn[i], strlen(torn[i]), &destination, &report, &why),
		        -1, "%s", torn[i]);
		cr_expect_eq(why.code, ERROR_BAD_INPUT);
	}
}

Test(spool, lock_that_is_never_given_back_is_an_error)
{
	cleanup_fd int other = open(place, O_RDONLY | O_DIRECTORY);
	cr_assert_eq(flock(other, LOCK_EX), 0);
	cr_expect_eq(add(1, "{}"), -1);
	cr_expect_eq(err.code, ERROR_UNAVAILABLE);
	cr_expect_str_eq(numbers(), "");
}

Test(spool, full_disk_loses_the_new_report_and_nothing_else)
{
	if (mount("none", place, "tmpfs", 0, "size=64k") != 0)
		cr_skip_test("needs the right to mount a tmpfs");
	static char large[30000];
	memset(large, 'x', sizeof large - 1);
	open_spool(1 << 20);
	cr_assert_eq(add(1, large), 0, "%s", err.message);
	cr_expect_eq(add(2, large), 0, "%s", err.message);
	int status = add(3, large);
	struct error why = err;
	cleanup_free struct spool_entry *entries = NULL;
	size_t count = listed(&entries);
	spool_close(&spool);
	cr_expect_eq(umount(place), 0);
	cr_expect_eq(status, -1);
	cr_expect_eq(why.code, ERROR_UNAVAILABLE);
	cr_expect_not_null(strstr(why.message, "No space left"), "%s", why.message);
	cr_expect_eq(count, 2);
}
