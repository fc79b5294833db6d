/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the SQLite store owes other processes that use the same file. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "collector/store.h"

/* Whether another process finds the file locked, asked with fcntl as SQLite does. */
static bool locked_for_others(const char *path)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = open(path, O_RDWR | O_CLOEXEC);
		_exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

Test(store_sqlite, opening_it_again_drops_no_lock)
{
	char directory[] = "/tmp/nestready-store-XXXXXX";
	char path[64], url[80], command[64];
	struct store *first = NULL, *second = NULL;
	struct error err = ERROR_INIT;
	int64_t last;
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/db", directory);
	snprintf(url, sizeof url, "sqlite:%s", path);
	cr_assert_eq(store_open(url, STORE_WRITE, &first, &err), 0, "%s", err.message);
	cr_assert_eq(first->type->last(first, &last, &err), 0, "%s", err.message);
	cr_expect(locked_for_others(path));
	cr_assert_eq(store_open(url, STORE_WRITE, &second, &err), 0, "%s", err.message);
	cr_expect(locked_for_others(path));
	store_close(second);
	store_close(first);
	cr_expect_not(locked_for_others(path));
	snprintf(command, sizeof command, "rm -r %s", directory);
	cr_assert_eq(system(command), 0);
}
