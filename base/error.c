/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See error.h: first error wins, context is put in front of it. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum error_code code, int sys_errno, const char *format, ...)
{
	if (err == NULL || err->code != ERROR_NONE)
		return -1;
	err->code = code;
	err->sys_errno = sys_errno;

	va_list args;
	va_start(args, format);
	int written = vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	if (sys_errno == 0 || written < 0 || (size_t)written >= sizeof err->message)
		return -1;
	/* A message too long for its errno text is cut: it is for people. */
	snprintf(err->message + written, sizeof err->message - (size_t)written, ": %s",
	         strerror(sys_errno));
	return -1;
}

int error_wrap(struct error *err, const char *format, ...)
{
	if (err == NULL || err->code == ERROR_NONE)
		return -1;
	char inner[sizeof err->message];
	memcpy(inner, err->message, sizeof inner);

	va_list args;
	va_start(args, format);
	int written = vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	if (written < 0 || (size_t)written >= sizeof err->message)
		return -1;
	snprintf(err->message + written, sizeof err->message - (size_t)written, ": %s", inner);
	return -1;
}
