/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_turn.h: a lock on a file, whose time is that of the last frame at the latest. */
#include "agent/mac_turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TURN_FILE STATEDIR "/mac-turn"
#define APART_NS  1020000000LL /* the second over which frames are limited, and a clock's tick */

static long long nanoseconds(const struct timespec *time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

/* A clock that was set back makes it no longer than that. */
static void wait_apart(const struct timespec *last)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	long long past = nanoseconds(&now) - nanoseconds(last);
	if (past >= APART_NS)
		return;
	long long rest = past < 0 ? APART_NS : APART_NS - past;
	const struct timespec pause = { .tv_sec = rest / 1000000000LL,
		                        .tv_nsec = rest % 1000000000LL };
	nanosleep(&pause, NULL);
}

int mac_turn_begin(void)
{
	struct stat about;
	if (geteuid() != 0)
		return -1;
	mkdir(STATEDIR, 0755); /* where that fails, opening does */
	int turn = open(TURN_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (turn < 0)
		return -1;
	if (flock(turn, LOCK_EX) != 0 || fstat(turn, &about) != 0) {
		close(turn);
		return -1;
	}
	if (about.st_size > 0) /* somebody sent before */
		wait_apart(&about.st_mtim);
	else if (write(turn, "\n", 1) != 1) {
		close(turn);
		return -1;
	}
	futimens(turn, NULL); /* for who is killed */
	return turn;
}

void mac_turn_end(int turn)
{
	if (turn < 0)
		return;
	futimens(turn, NULL);
	close(turn);
}
