/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files are replaced whole; everything else is written to as it is. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/output.h"
#include "base/cleanup.h"

static char place[] = "/tmp/nestready-output-XXXXXX";
static struct text content = TEXT_INIT;

static void begin(void)
{
	cr_assert_not_null(mkdtemp(place));
	cr_assert_eq(chdir(place), 0);
	text_add(&content, "new\n");
}

static void end(void)
{
	char command[64];
	text_clear(&content);
	snprintf(command, sizeof command, "rm -r %s", place);
	cr_assert_eq(system(command), 0);
}

TestSuite(output, .init = begin, .fini = end);

static void put(const char *path, const char *text)
{
	cleanup_file FILE *file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
}

static void expect_content(const char *path, const char *expected)
{
	char text[100] = "";
	cleanup_file FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	cr_expect_str_eq(text, expected, "%s", path);
}

/* Names in the directory, "." and ".." aside. */
static size_t names(void)
{
	size_t count = 0;
	cleanup_dir DIR *directory = opendir(".");
	while (readdir(directory) != NULL)
		count++;
	return count - 2;
}

Test(output, makes_a_file_with_the_mode_of_the_umask)
{
	struct error err = ERROR_INIT;
	struct stat status;
	umask(027);
	cr_assert_eq(output_write("report", &content, &err), 0, "%s", err.message);
	expect_content("report", "new\n");
	stat("report", &status);
	cr_assert_eq(status.st_mode & 07777, 0640);
	cr_assert_eq(names(), 1, "nothing temporary is left");
}

Test(output, replaces_a_file_by_another)
{
	struct error err = ERROR_INIT;
	struct stat before, after;
	put("report", "old and longer\n");
	stat("report", &before);
	cr_assert_eq(output_write("report", &content, &err), 0);
	stat("report", &after);
	expect_content("report", "new\n");
	cr_assert_neq(before.st_ino, after.st_ino);
}

Test(output, writes_to_what_a_link_points_to)
{
	struct error err = ERROR_INIT;
	struct stat status;
	mkdir("sub", 0755);
	put("sub/file", "old\n");
	cr_assert_eq(symlink("sub/link", "first"), 0);
	cr_assert_eq(symlink("file", "sub/link"), 0);
	cr_assert_eq(symlink("made", "dangling"), 0);
	cr_assert_eq(output_write("first", &content, &err), 0, "%s", err.message);
	cr_assert_eq(output_write("dangling", &content, &err), 0, "%s", err.message);
	expect_content("sub/file", "new\n");
	expect_content("made", "new\n");
	lstat("first", &status);
	cr_assert(S_ISLNK(status.st_mode));
	lstat("sub/link", &status);
	cr_assert(S_ISLNK(status.st_mode));
}

Test(output, refuses_a_circle_of_links)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(symlink("b", "a"), 0);
	cr_assert_eq(symlink("a", "b"), 0);
	cr_assert_eq(output_write("a", &content, &err), -1);
	cr_assert_eq(err.code, ERROR_INTERNAL);
	cr_assert_eq(err.sys_errno, ELOOP);
}

Test(output, writes_into_a_pipe_and_leaves_it_one)
{
	struct error err = ERROR_INIT;
	struct stat status;
	char text[10] = "";
	cr_assert_eq(mkfifo("pipe", 0600), 0);
	cleanup_fd int reader = open("pipe", O_RDONLY | O_NONBLOCK);
	cr_assert_eq(output_write("pipe", &content, &err), 0, "%s", err.message);
	cr_assert_eq(read(reader, text, sizeof text), 4);
	stat("pipe", &status);
	cr_assert(S_ISFIFO(status.st_mode));
}

Test(output, says_when_a_device_is_full)
{
	struct error err = ERROR_INIT;
	struct stat status;
	cr_assert_eq(output_write("/dev/full", &content, &err), -1);
	cr_assert_str_eq(err.message, "cannot write to /dev/full: No space left on device");
	cr_assert_eq(err.code, ERROR_INTERNAL);
	stat("/dev/full", &status);
	cr_assert(S_ISCHR(status.st_mode));
}

Test(output, leaves_alone_what_cannot_be_replaced)
{
	struct error err = ERROR_INIT;
	mkdir("sub", 0755);
	cr_assert_eq(output_write("sub", &content, &err), -1);
	cr_assert_str_eq(err.message, "cannot write sub: Is a directory");
	err = (struct error)ERROR_INIT;
	cr_assert_eq(output_write("none/report", &content, &err), -1);
	cr_assert_str_eq(err.message, "cannot write none/report: No such file or directory");
	cr_assert_eq(names(), 1);
}

Test(output, a_text_that_is_incomplete_is_not_written)
{
	struct error err = ERROR_INIT;
	put("report", "old\n");
	content.failed = true;
	cr_assert_eq(output_write("report", &content, &err), -1);
	expect_content("report", "old\n");
}
