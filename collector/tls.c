/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS itself is libmicrohttpd's, by GnuTLS. */
#include "collector/tls.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"

#define FILE_MAX (1u << 20)

static int read_file(const char *path, struct text *text, struct error *err)
{
	char piece[4096];
	size_t count;
	cleanup_file FILE *file = fopen(path, "re");
	if (file == NULL)
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	while ((count = fread(piece, 1, sizeof piece, file)) > 0 && text->length < FILE_MAX)
		text_add_bytes(text, piece, count);
	if (ferror(file))
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	if (text->failed || text->length == 0 || text->length >= FILE_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.150s: expected a file of PEM", path);
	return 0;
}

int tls_read(const struct settings *settings, struct text *certificate, struct text *key,
             struct error *err)
{
	if (read_file(settings->tls_certificate, certificate, err) != 0)
		return -1;
	return read_file(settings->tls_key, key, err);
}
