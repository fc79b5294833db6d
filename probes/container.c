/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PID namespace decides, for one question: in the kernel's first one there
 * is no container, whatever files an image has left behind (a VM whose root
 * was made from a Docker image still has /.dockerenv).  Only elsewhere is
 * there a name to look for.  Not seen: a container that was given the host's
 * PID namespace on purpose.
 */
#include "probes/container.h"

#include <string.h>

#include "probes/relay.h"

static const char key[] = "container.kind";

/* Fixed since Linux 3.8: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
static const char first_namespace[] = "pid:[4026531836]";

/* Files that say who made the container, by being there or by what they hold (NULL). */
static const struct marker {
	const char *path;
	const char *kind;
} markers[] = {
	{ "/run/systemd/container", NULL }, /* systemd.io/CONTAINER_INTERFACE */
	{ "/run/.containerenv", "podman" },
	{ "/.dockerenv", "docker" },
};

/* Parts of a path in /proc/1/cgroup. */
static const struct hint {
	const char *part;
	const char *kind;
} hints[] = {
	{ "/kubepods", "kubernetes" },
	{ "/docker", "docker" },
	{ "/libpod", "podman" },
	{ "/lxc", "lxc" },
};

static bool by_marker(const struct probe_run *run)
{
	for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
		cleanup_answer struct answer answer = ANSWER_INIT;
		if (machine_read_file(run->machine, markers[i].path, &answer) != STATUS_OBSERVED)
			continue;
		if (markers[i].kind != NULL)
			fact_text(run->facts, key, markers[i].kind, markers[i].path);
		else
			relay_line(run->facts, key, &answer, markers[i].path);
		return true;
	}
	return false;
}

/* The variable that a container manager sets for the first process. */
static bool by_environment(const struct probe_run *run)
{
	static const char path[] = "/proc/1/environ";
	static const char name[] = "container=";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, path, &answer) != STATUS_OBSERVED)
		return false;
	const char *end = answer.text + answer.length;
	for (const char *entry = answer.text; entry < end; entry += strlen(entry) + 1) {
		if (strncmp(entry, name, sizeof name - 1) != 0 || entry[sizeof name - 1] == '\0')
			continue;
		fact_text(run->facts, key, entry + sizeof name - 1, path);
		return true;
	}
	return false;
}

static bool by_cgroup(const struct probe_run *run)
{
	static const char path[] = "/proc/1/cgroup";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, path, &answer) != STATUS_OBSERVED)
		return false;
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		if (strstr(answer.text, hints[i].part) == NULL)
			continue;
		fact_text(run->facts, key, hints[i].kind, path);
		return true;
	}
	return false;
}

void container_emit(const struct probe_run *run, const char *release)
{
	static const char source[] = "/proc/self/ns/pid";
	cleanup_answer struct answer answer = ANSWER_INIT;
	machine_read_link(run->machine, source, &answer);
	bool known = answer.status == STATUS_OBSERVED;
	if (known && strcmp(answer.text, first_namespace) == 0)
		fact_none(run->facts, key, STATUS_ABSENT, "the kernel's first PID namespace",
		          source);
	else if (by_marker(run) || by_environment(run) || by_cgroup(run))
		return;
	else if (strstr(release, "WSL") != NULL || strstr(release, "microsoft") != NULL)
		fact_text(run->facts, key, "wsl", "uname");
	else if (known)
		fact_text(run->facts, key, "other", source);
	else
		relay_none(run->facts, key, &answer, source);
}
