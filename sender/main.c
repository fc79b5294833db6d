/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nestready-send: delivers what is in the spool, and ends when that is empty.
 * It is a program of its own because it alone talks to a network, links TLS,
 * and runs as a user that may read reports and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "config.h"
#include "sender/ask.h"
#include "sender/queue.h"

#define LOCK "sender.lock"

#define EXIT_LEFT 75 /* EX_TEMPFAIL of sysexits.h */

static const char usage[] =
        "usage: nestready-send [--spool DIRECTORY] [--config FILE] [--once]\n"
        "       nestready-send --ask URL [--config FILE] [--ca-file FILE]\n\n"
        "Delivers the reports in the spool, and ends when it is empty.\n\n"
        "  --spool DIRECTORY   instead of " SPOOL_DIRECTORY "\n"
        "  --config FILE       instead of " CONFIG_FILE "\n"
        "  --once              try each report once; exit status 75 when one is left\n"
        "  --ask URL           one request for `nestready submit`: standard input is its method, "
        "a\n"
        "                      token and the body, a line each; answers with status and body\n"
        "  --ca-file FILE      trust these certificates instead (PEM)\n";

struct arguments {
	const char *spool;
	const char *config;
	const char *ask;
	const char *ca_file;
	bool once;
};

/* 0; 1: all was said; or -1. */
static int parse(int argc, char *argv[], struct arguments *arguments, struct error *err)
{
	for (int i = 1; i < argc; i++) {
		const char **value = strcmp(argv[i], "--spool") == 0     ? &arguments->spool
		                     : strcmp(argv[i], "--config") == 0  ? &arguments->config
		                     : strcmp(argv[i], "--ask") == 0     ? &arguments->ask
		                     : strcmp(argv[i], "--ca-file") == 0 ? &arguments->ca_file
		                                                         : NULL;
		if (value != NULL && i + 1 < argc) {
			*value = argv[++i];
		} else if (strcmp(argv[i], "--once") == 0) {
			arguments->once = true;
		} else if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			return 1;
		} else if (strcmp(argv[i], "--version") == 0) {
			puts("nestready-send " PACKAGE_VERSION);
			return 1;
		} else {
			return error_set(err, ERROR_USAGE, 0, "'%.40s': --help shows what it takes",
			                 argv[i]);
		}
	}
	return 0;
}

/* One sender a spool; the lock goes with the process.  A descriptor or -1. */
static int lock(const struct spool *spool, const char *path, struct error *err)
{
	int fd = openat(spool->directory, LOCK, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s/" LOCK, path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return error_set(err, ERROR_UNAVAILABLE, 0, "%s: another sender works on it", path);
}

static int deliver(const struct arguments *arguments, struct spool *spool,
                   const struct config *config, struct error *err)
{
	const char *path = arguments->spool == NULL ? SPOOL_DIRECTORY : arguments->spool;
	uv_loop_t loop;
	struct queue queue = {
		.loop = &loop, .spool = spool, .config = config, .once = arguments->once
	};
	if (spool_open(spool, path, &config->limits, err) != 0)
		return -1;
	int held = lock(spool, path, err);
	if (held < 0)
		return -1;
	int status = -1;
	if (uv_loop_init(&loop) != 0) {
		error_set(err, ERROR_INTERNAL, 0, "no event loop");
	} else {
		status = queue_run(&queue, err);
		uv_loop_close(&loop);
	}
	close(held);
	return status;
}

int main(int argc, char *argv[])
{
	struct error err = ERROR_INIT;
	struct arguments arguments = { 0 };
	struct spool spool = { .directory = -1 };
	struct config config = { .limits = SPOOL_LIMITS_INIT };
	signal(SIGPIPE, SIG_IGN);
	int status = parse(argc, argv, &arguments, &err);
	if (status > 0)
		return 0;
	if (status == 0)
		status = config_load(arguments.config == NULL ? CONFIG_FILE : arguments.config,
		                     arguments.config == NULL, &config, &err);
	if (status == 0 && arguments.ask != NULL)
		status = ask(arguments.ask, &config, arguments.ca_file, &err);
	else if (status == 0)
		status = deliver(&arguments, &spool, &config, &err);
	spool_close(&spool);
	config_clear(&config);
	if (status >= 0)
		return status == 0 ? 0 : EXIT_LEFT;
	fprintf(stderr, "nestready-send: %s\n", err.message);
	return (int)err.code;
}
