/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One worker process: its start, its two pipes, its end. */
#ifndef NESTREADY_AGENT_PROCESS_H
#define NESTREADY_AGENT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct process {
	pid_t pid;
	int out; /* read end of its standard output; does not block */
	int err; /* likewise of its standard error */
};

/*
 * A program of ours beside this very one (an uninstalled build), else the installed one.  0; or -1
 * when neither is there, and `path` is the last place that was looked at.
 */
int process_find(const char *name, char *path, size_t size);

/*
 * Starts a program in / with a small clean environment.  `input` becomes its
 * standard input; -1 means /dev/null.  0, or -1 and nothing to close.
 */
int process_start(struct process *process, const char *path, char *const argv[], int input,
                  struct error *err);

/* Closes the pipes; a program that goes on writing is ended by that. */
void process_close(struct process *process);

/* How a process ended; `known` is false when the system would not say. */
struct process_end {
	bool known;
	int signal; /* 0: it exited */
	int status; /* of exit */
};

/* Waits for the end of a process at most so long.  False: it is still there. */
bool process_wait(pid_t pid, unsigned wait_ms, struct process_end *end);

/* "killed by SIGSEGV", "exited with status 1". */
void process_describe_end(const struct process_end *end, char *text, size_t size);

/* CLOCK_MONOTONIC in milliseconds. */
uint64_t process_clock_ms(void);

#endif
