/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See process.h.  vfork and not posix_spawn, which makes 120 system calls to
 * put every signal's action back, nor uv_spawn, which forks (libuv 1.44):
 * this is on the way to every verdict.
 */
#include "agent/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What the worker is given of the caller's environment; the rest could change its answers. */
static const char *const inherited[] = {
	"HOME",                           /* where an ordinary user's markers are */
	"XDG_STATE_HOME", "ASAN_OPTIONS", /* a sanitizer has to be told by its environment */
	"LSAN_OPTIONS",   "UBSAN_OPTIONS",
	"SUDO_UID",       "SUDO_GID", /* whose access to /dev/kvm counts */
	"SUDO_USER",
};

#define INHERITED (sizeof inherited / sizeof inherited[0])

struct environment {
	char *entries[INHERITED + 2];
	size_t count;
};

static void free_environment(struct environment *environment)
{
	for (size_t i = 0; i < environment->count; i++)
		free(environment->entries[i]);
}

static int make_environment(struct environment *environment)
{
	*environment = (struct environment){ 0 };
	for (size_t i = 0; i < INHERITED; i++) {
		const char *value = getenv(inherited[i]);
		if (value == NULL)
			continue;
		char **entry = &environment->entries[environment->count];
		if (asprintf(entry, "%s=%s", inherited[i], value) < 0)
			return -1;
		environment->count++;
	}
	environment->entries[environment->count] = strdup("LC_ALL=C");
	return environment->entries[environment->count] == NULL ? -1 : (environment->count++, 0);
}

/*
 * Becomes the program.  Runs in the child, on its parent's memory: nothing
 * here but system calls.  Comes back with errno when that failed.
 */
static void become(const char *path, char *const argv[], char *const environment[],
                   const int streams[3])
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;
	sigemptyset(&none);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(streams[fd], fd) < 0)
			return;
	/* a caller may ignore or block signals, and that is inherited */
	if (sigaction(SIGPIPE, &usual, NULL) == 0 && sigaction(SIGCHLD, &usual, NULL) == 0 &&
	    sigprocmask(SIG_SETMASK, &none, NULL) == 0 && chdir("/") == 0)
		execve(path, argv, environment);
}

/* 0 or an errno. */
static int spawn(pid_t *pid, const char *path, char *const argv[], char *const environment[],
                 const int streams[3])
{
	volatile int failed = 0; /* the child says it here */
	*pid = vfork();
	if (*pid == 0) {
		become(path, argv, environment, streams);
		failed = errno;
		_exit(127);
	}
	if (*pid < 0)
		return errno;
	if (failed != 0)
		waitpid(*pid, NULL, 0);
	return failed;
}

static int spawn_cleanly(pid_t *pid, const char *path, char *const argv[], int input, int out,
                         int err)
{
	struct environment environment;
	cleanup_fd int nothing = input < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
	const int streams[3] = { input < 0 ? nothing : input, out, err };
	int failed = make_environment(&environment) == 0 ? 0 : ENOMEM;
	if (failed == 0)
		failed = spawn(pid, path, argv, environment.entries, streams);
	free_environment(&environment);
	return failed;
}

int process_find(const char *name, char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	path[length < 0 ? 0 : length] = '\0';
	char *slash = strrchr(path, '/');
	size_t room = slash == NULL ? 0 : size - (size_t)(slash + 1 - path);
	if (room > strlen(name)) {
		strcpy(slash + 1, name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	snprintf(path, size, "%s/%s", LIBEXECDIR, name);
	return access(path, X_OK) == 0 ? 0 : -1;
}

int process_start(struct process *process, const char *path, char *const argv[], int input,
                  struct error *err)
{
	int out[2];
	int said[2];
	if (pipe2(out, O_CLOEXEC) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "pipe");
	if (pipe2(said, O_CLOEXEC) != 0) {
		error_set(err, ERROR_INTERNAL, errno, "pipe");
		close(out[0]);
		close(out[1]);
		return -1;
	}
	int failed = spawn_cleanly(&process->pid, path, argv, input, out[1], said[1]);
	close(out[1]);
	close(said[1]);
	process->out = out[0];
	process->err = said[0];
	if (failed != 0) {
		process_close(process);
		return error_set(err, ERROR_NO_INPUT, failed, "%s", path);
	}
	/* Only our ends: the program's own ends block. */
	fcntl(process->out, F_SETFL, O_NONBLOCK);
	fcntl(process->err, F_SETFL, O_NONBLOCK);
	return 0;
}

void process_close(struct process *process)
{
	close(process->out);
	close(process->err);
	process->out = process->err = -1;
}

uint64_t process_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool process_wait(pid_t pid, unsigned wait_ms, struct process_end *end)
{
	uint64_t until = process_clock_ms() + wait_ms;
	struct timespec pause = { .tv_nsec = 100000 };
	int status;
	pid_t gone;
	while ((gone = waitpid(pid, &status, WNOHANG)) == 0 && process_clock_ms() < until) {
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 10000000)
			pause.tv_nsec *= 2;
	}
	*end = (struct process_end){ .known = gone == pid };
	if (gone == pid && WIFSIGNALED(status))
		end->signal = WTERMSIG(status);
	else if (gone == pid)
		end->status = WEXITSTATUS(status);
	return gone != 0;
}

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGABRT, "SIGABRT" }, { SIGBUS, "SIGBUS" },   { SIGFPE, "SIGFPE" },
	{ SIGHUP, "SIGHUP" },   { SIGILL, "SIGILL" },   { SIGINT, "SIGINT" },
	{ SIGKILL, "SIGKILL" }, { SIGPIPE, "SIGPIPE" }, { SIGSEGV, "SIGSEGV" },
	{ SIGSYS, "SIGSYS" },   { SIGTERM, "SIGTERM" }, { SIGTRAP, "SIGTRAP" },
};

void process_describe_end(const struct process_end *end, char *text, size_t size)
{
	if (!end->known)
		snprintf(text, size, "ended without a word");
	else if (end->signal == 0)
		snprintf(text, size, "exited with status %d", end->status);
	else
		snprintf(text, size, "killed by signal %d", end->signal);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (end->known && end->signal == signals[i].number)
			snprintf(text, size, "killed by %s", signals[i].name);
}
