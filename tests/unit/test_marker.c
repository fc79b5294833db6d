/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Markers tell a machine that died from a process that died, and forget neither. */
#define _GNU_SOURCE 1 /* unshare */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "worker/marker.h"

#define BOOT_1 "11111111-1111-4111-8111-111111111111"
#define BOOT_2 "22222222-2222-4222-8222-222222222222"

static char base[] = "/tmp/nestready-marker-XXXXXX";
static char directory[sizeof base + 16];

static void make_base(void)
{
	cr_assert_not_null(mkdtemp(base));
	snprintf(directory, sizeof directory, "%s/a/state", base);
}

static void remove_base(void)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", base);
	cr_assert_eq(system(command), 0);
}

TestSuite(marker, .init = make_base, .fini = remove_base);

static void init(struct marker *marker, const char *boot, const char *kernel)
{
	struct marker_key key = { "l2", kernel, "KVMKVMKVM QEMU", boot };
	marker_init(marker, directory, &key);
}

static enum marker_state before(const char *boot, bool retry)
{
	struct marker marker;
	struct error err = ERROR_INIT;
	init(&marker, boot, "6.1.0");
	enum marker_state state = marker_before(&marker, retry, &err);
	bool reason = state == MARKER_UNAVAILABLE || state == MARKER_DAMAGED;
	cr_assert_eq(err.code != ERROR_NONE, reason, "%s", err.message);
	return state;
}

static void survived(const char *boot)
{
	struct marker marker;
	struct error err = ERROR_INIT;
	init(&marker, boot, "6.1.0");
	cr_assert_eq(marker_survived(&marker, &err), 0, "%s", err.message);
}

/* The marker's own path; the directory holds nothing else. */
static void marker_path(char *path, size_t size)
{
	struct marker marker;
	init(&marker, BOOT_1, "6.1.0");
	snprintf(path, size, "%s/%s", directory, marker.name);
}

static int count_files(void)
{
	cleanup_dir DIR *stream = opendir(directory);
	cr_assert_not_null(stream);
	int count = 0;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
		count += entry->d_name[0] != '.';
	return count;
}

static void write_file(const char *bytes, size_t length)
{
	char path[256];
	marker_path(path, sizeof path);
	cleanup_file FILE *file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, length, file), length);
}

static size_t read_file(char *bytes, size_t size)
{
	char path[256];
	marker_path(path, sizeof path);
	cleanup_file FILE *file = fopen(path, "r");
	cr_assert_not_null(file);
	return fread(bytes, 1, size, file);
}

Test(marker, the_first_run_writes_one_and_the_next_boot_finds_it)
{
	cr_assert_eq(before(BOOT_1, false), MARKER_WRITTEN);
	cr_assert_eq(count_files(), 1);
	cr_assert_eq(before(BOOT_2, false), MARKER_LOST);
	cr_assert_eq(before(BOOT_2, false), MARKER_LOST, "asking does not make it forget");
	cr_assert_eq(count_files(), 1);
}

Test(marker, of_the_same_boot_means_that_only_a_process_died)
{
	cr_assert_eq(before(BOOT_1, false), MARKER_WRITTEN);
	cr_assert_eq(before(BOOT_1, false), MARKER_WRITTEN);
}

Test(marker, retry_runs_again_and_marks_this_boot)
{
	before(BOOT_1, false);
	cr_assert_eq(before(BOOT_2, true), MARKER_WRITTEN);
	cr_assert_eq(before(BOOT_1, false), MARKER_LOST, "the marker is now the second boot's");
}

Test(marker, survived_once_writes_nothing_any_more)
{
	before(BOOT_1, false);
	survived(BOOT_1);
	char first[1024], second[1024], path[256];
	size_t length = read_file(first, sizeof first);
	struct stat status_1, status_2;
	marker_path(path, sizeof path);
	cr_assert_eq(stat(path, &status_1), 0);
	cr_assert_eq(before(BOOT_1, false), MARKER_SURVIVED);
	cr_assert_eq(before(BOOT_2, false), MARKER_SURVIVED);
	cr_assert_eq(stat(path, &status_2), 0);
	cr_assert_eq(status_1.st_ino, status_2.st_ino);
	cr_assert_eq(read_file(second, sizeof second), length);
	cr_assert_arr_eq(first, second, length);
	cr_assert_eq(count_files(), 1);
}

Test(marker, another_kernel_pays_again)
{
	struct marker other;
	struct error err = ERROR_INIT;
	before(BOOT_1, false);
	survived(BOOT_1);
	init(&other, BOOT_1, "6.12.0");
	cr_assert_eq(marker_before(&other, false, &err), MARKER_WRITTEN);
	init(&other, BOOT_2, "6.12.0");
	cr_assert_eq(marker_before(&other, false, &err), MARKER_LOST);
	cr_assert_eq(before(BOOT_2, false), MARKER_SURVIVED);
}

Test(marker, cut_anywhere_is_damaged_and_never_taken_for_a_lost_machine)
{
	char whole[1024];
	before(BOOT_1, false);
	size_t length = read_file(whole, sizeof whole);
	for (size_t cut = 0; cut < length; cut++) {
		write_file(whole, cut);
		cr_assert_eq(before(BOOT_2, false), MARKER_DAMAGED, "cut at %zu", cut);
	}
	write_file(whole, length);
	cr_assert_eq(before(BOOT_2, false), MARKER_LOST);
}

Test(marker, of_rubbish_is_damaged_and_retry_replaces_it)
{
	char rubbish[5000];
	memset(rubbish, 0xff, sizeof rubbish);
	before(BOOT_1, false);
	write_file(rubbish, sizeof rubbish);
	cr_assert_eq(before(BOOT_1, false), MARKER_DAMAGED);
	write_file("\0\0\0\0", 4);
	cr_assert_eq(before(BOOT_1, false), MARKER_DAMAGED);
	cr_assert_eq(before(BOOT_1, true), MARKER_WRITTEN);
	cr_assert_eq(before(BOOT_2, false), MARKER_LOST);
}

Test(marker, that_is_a_directory_or_a_pipe_is_unavailable)
{
	char path[256];
	before(BOOT_1, false);
	marker_path(path, sizeof path);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(before(BOOT_1, false), MARKER_UNAVAILABLE);
	cr_assert_eq(rmdir(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(before(BOOT_1, false), MARKER_DAMAGED, "and reading it does not wait");
}

Test(marker, without_a_place_for_it_is_unavailable)
{
	snprintf(directory, sizeof directory, "/proc/nestready");
	cr_assert_eq(before(BOOT_1, false), MARKER_UNAVAILABLE);
	snprintf(directory, sizeof directory, "/dev/null/x");
	cr_assert_eq(before(BOOT_1, false), MARKER_UNAVAILABLE);
	snprintf(directory, sizeof directory, "relative");
	cr_assert_eq(before(BOOT_1, false), MARKER_UNAVAILABLE);
	snprintf(directory, sizeof directory, "%s", base);
	cr_assert_eq(before("", false), MARKER_UNAVAILABLE, "no boot id, no answer");
}

Test(marker, lines_in_a_key_do_not_become_lines_of_the_file)
{
	struct marker marker;
	struct error err = ERROR_INIT;
	struct marker_key key = { "l2", "6.1\nstate survived", "A\tB\n", BOOT_1 };
	marker_init(&marker, directory, &key);
	cr_assert_eq(marker_before(&marker, false, &err), MARKER_WRITTEN);
	key.boot_id = BOOT_2;
	marker_init(&marker, directory, &key);
	cr_assert_eq(marker_before(&marker, false, &err), MARKER_LOST);
}

Test(marker, settle_forgets_this_boot_only)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(marker_settle(directory, BOOT_1, &err), 0, "no directory: %s", err.message);
	before(BOOT_1, false);
	cr_assert_eq(marker_settle(directory, BOOT_2, &err), 0);
	cr_assert_eq(before(BOOT_2, false), MARKER_LOST);
	cr_assert_eq(marker_settle(directory, BOOT_1, &err), 0);
	cr_assert_eq(count_files(), 0);
	cr_assert_eq(before(BOOT_2, false), MARKER_WRITTEN);
	survived(BOOT_2);
	cr_assert_eq(marker_settle(directory, BOOT_2, &err), 0);
	cr_assert_eq(before(BOOT_2, false), MARKER_SURVIVED);
}

Test(marker, on_a_full_disk_is_unavailable_and_leaves_no_pieces)
{
	char pages[64];
	if (unshare(CLONE_NEWNS) < 0)
		cr_skip("needs root to mount a small file system: %s", strerror(errno));
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount("none", base, "tmpfs", 0, "size=4k"), 0);
	before(BOOT_1, false);
	snprintf(pages, sizeof pages, "%s/fill", base);
	cr_assert_eq(marker_settle(directory, BOOT_1, NULL), 0);
	FILE *fill = fopen(pages, "w");
	cr_assert_not_null(fill);
	while (fputc('x', fill) != EOF && fflush(fill) == 0)
		;
	cr_assert_eq(errno, ENOSPC);
	cr_assert_eq(before(BOOT_1, false), MARKER_UNAVAILABLE);
	cr_assert_eq(count_files(), 0);
	fclose(fill);
	cr_assert_eq(umount(base), 0);
}
