/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See token.h. */
#include "transport/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "transport/address.h"

#define TOKEN_MAX 4096

int token_header(const char *address, const char *file, struct text *line, struct error *err)
{
	/* token68 of RFC 7235, section 2.1 */
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                              "0123456789-._~+/=";
	char token[TOKEN_MAX + 1];
	if (!address_keeps_secrets(address))
		return error_set(err, ERROR_USAGE, 0, "no token is sent in the clear: use https:");
	cleanup_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t length = fd < 0 ? -1 : read(fd, token, sizeof token - 1);
	if (length < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", file);
	token[length] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	if (token[0] == '\0' || token[strspn(token, letters)] != '\0')
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: its first line is no token", file);
	text_printf(line, "Authorization: Bearer %s", token);
	explicit_bzero(token, sizeof token);
	return line->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}
