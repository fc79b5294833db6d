/* SPDX-License-Identifier: GPL-2.0-or-later */
/* getaddrinfo(3) knows both families; only numbers are taken, so that no name server decides. */
#include "collector/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/access.h"

#define BACKLOG 1024

/* Splits HOST:PORT; the brackets of [HOST] go. */
static int split(const char *address, char host[64], const char **port, struct error *err)
{
	const char *colon = strrchr(address, ':');
	size_t length = colon == NULL ? 0 : (size_t)(colon - address);
	bool bracketed = length > 2 && address[0] == '[' && address[length - 1] == ']';
	if (bracketed) {
		address++;
		length -= 2;
	}
	if (length == 0 || length >= 64 || (!bracketed && memchr(address, ':', length) != NULL))
		return error_set(err, ERROR_USAGE, 0,
		                 "--listen %.80s: expected ADDRESS:PORT or [ADDRESS]:PORT",
		                 address);
	memcpy(host, address, length);
	host[length] = '\0';
	*port = colon + 1;
	return 0;
}

static void write_name(int fd, char name[LISTEN_NAME_SIZE])
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	char host[64] = "?", port[8] = "?";
	if (getsockname(fd, (struct sockaddr *)&address, &length) == 0)
		getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port,
		            sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(name, LISTEN_NAME_SIZE, strchr(host, ':') == NULL ? "%s:%s" : "[%s]:%s", host,
	         port);
}

static int open_socket(const struct addrinfo *info)
{
	int one = 1;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
		int kept = errno;
		close(fd);
		errno = kept;
		return -1;
	}
	return fd;
}

int listen_open(const char *address, char name[LISTEN_NAME_SIZE], bool *loopback, struct error *err)
{
	char host[64];
	const char *port = "";
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		                        .ai_socktype = SOCK_STREAM };
	struct addrinfo *info;
	if (split(address, host, &port, err) != 0)
		return -1;
	int status = getaddrinfo(host, port, &hints, &info);
	if (status != 0)
		return error_set(err, ERROR_USAGE, 0,
		                 "--listen %.80s: %s: expected a numeric address and a port",
		                 address, gai_strerror(status));
	int fd = open_socket(info);
	if (fd < 0)
		error_set(err, ERROR_UNAVAILABLE, errno, "--listen %.80s", address);
	else
		write_name(fd, name);
	*loopback = access_is_loopback(info->ai_addr);
	freeaddrinfo(info);
	return fd;
}
