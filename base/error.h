/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One error object for the whole project: owned by the caller, of fixed size,
 * so that reporting an error can never itself fail.  The first error wins;
 * outer layers add context in front of it on the way out.
 */
#ifndef NESTREADY_BASE_ERROR_H
#define NESTREADY_BASE_ERROR_H

/* What went wrong, as the exit status that the command documents (sysexits). */
enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE = 64,       /* the command line */
	ERROR_BAD_INPUT = 65,   /* a file was read and makes no sense */
	ERROR_NO_INPUT = 66,    /* a file or program is missing or unreadable */
	ERROR_UNAVAILABLE = 69, /* a report could not even be spooled */
	ERROR_INTERNAL = 70,    /* everything else */
};

struct error {
	enum error_code code; /* ERROR_NONE while nothing has gone wrong */
	int sys_errno;        /* 0 when no system call was at fault */
	char message[256];    /* one line, for people, no newline at the end */
};

#define ERROR_INIT                                                                                 \
	{                                                                                          \
		ERROR_NONE, 0, ""                                                                  \
	}

/*
 * Records an error unless one is recorded already; appends ": " and the text
 * of sys_errno when that is not 0.  `err` may be NULL.  Always returns -1, so
 * that a failing function can end in `return error_set(...)`.
 */
int error_set(struct error *err, enum error_code code, int sys_errno, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Puts "CONTEXT: " in front of the message.  Does nothing without an error.  Returns -1. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
