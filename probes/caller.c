/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who called, and may they use /dev/kvm and libvirt?  Under sudo that is the
 * person before it: what root may open says nothing of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/installed.h"
#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define DEVICE "/dev/kvm"

struct caller {
	unsigned long uid;
	bool through_sudo;
	const char *gids; /* " N N ...", ends with a newline */
	char name[65];
};

/* The rest of a line that begins with the word; NULL when it does not. */
static const char *after(const struct line *line, const char *word)
{
	size_t length = strlen(word);
	if (line->length < length || memcmp(line->start, word, length) != 0)
		return NULL;
	return line->start + length;
}

static bool read_caller(const char *text, struct caller *caller)
{
	struct line line;
	bool known = false;
	*caller = (struct caller){ .gids = "" };
	while (lines_next(&text, &line)) {
		const char *uid = after(&line, "uid ");
		const char *gids = after(&line, "gids");
		const char *name = after(&line, "name ");
		size_t left = name == NULL ? 0 : line.length - (size_t)(name - line.start);
		if (uid != NULL) {
			caller->uid = strtoul(uid, NULL, 10);
			known = true;
		}
		if (gids != NULL)
			caller->gids = gids;
		if (name != NULL && left < sizeof caller->name)
			memcpy(caller->name, name, left);
		caller->through_sudo |= line_is(&line, "through sudo");
	}
	return known;
}

static bool has_group(const struct caller *caller, uint64_t group)
{
	const char *at = caller->gids;
	while (*at == ' ') {
		char *end;
		if (strtoull(at, &end, 10) == group)
			return true;
		at = end;
	}
	return false;
}

#define READ_WRITE  6u  /* of the three bits of a mode */
#define OPEN_TO_ALL 06u /* of a mode: others */

/* path_resolution(7): the owner's bits decide for the owner, the group's for its members. */
static bool mode_lets(const struct caller *caller, const uint64_t *numbers)
{
	unsigned shift = 0;
	if (caller->uid == numbers[STAT_OWNER])
		shift = 6;
	else if (has_group(caller, numbers[STAT_GROUP]))
		shift = 3;
	return (numbers[STAT_MODE] >> shift & READ_WRITE) == READ_WRITE;
}

static void emit_by_mode(const struct probe_run *run, const char *key, const struct caller *caller,
                         const struct answer *mode, const char *path)
{
	char source[128];
	snprintf(source, sizeof source, "%s%s%s", path, caller->through_sudo ? " for " : "",
	         caller->name);
	if (mode->status != STATUS_OBSERVED)
		relay_none(run->facts, key, mode, path);
	else if (caller->uid == 0 || mode_lets(caller, mode->numbers))
		fact_bool(run->facts, key, true, source);
	else if (mode->numbers[STAT_ACL] != 0)
		fact_none(run->facts, key, STATUS_SKIPPED, "an access list decides", source);
	else
		fact_bool(run->facts, key, false, source);
}

/* Who asks for themselves has just tried; being refused is "denied", which sudo settles. */
static void emit_kvm(const struct probe_run *run, const struct caller *caller)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	machine_kvm(run->machine, &answer);
	if (caller->through_sudo && answer.status != STATUS_ABSENT &&
	    answer.status != STATUS_SKIPPED) {
		machine_stat(run->machine, DEVICE, &answer);
		emit_by_mode(run, "caller.kvm", caller, &answer, DEVICE);
	} else if (answer.status == STATUS_OBSERVED) {
		fact_bool(run->facts, "caller.kvm", true, DEVICE);
	} else {
		relay_none(run->facts, "caller.kvm", &answer, DEVICE);
	}
}

/* The first socket that is there, and its mode; else the last. */
static const char *stat_socket(struct machine *machine, struct answer *answer)
{
	static const char *const sockets[] = { "/run/libvirt/libvirt-sock",
		                               "/run/libvirt/virtqemud-sock" };
	if (machine_stat(machine, sockets[0], answer) == STATUS_OBSERVED)
		return sockets[0];
	machine_stat(machine, sockets[1], answer);
	return sockets[1];
}

/* A socket that is open to all asks polkit, which asks the person. */
static void emit_libvirt(const struct probe_run *run, const struct caller *caller)
{
	static const char key[] = "caller.libvirt";
	cleanup_answer struct answer answer = ANSWER_INIT;
	const char *path = installed_libvirt(run->machine, &answer);
	if (answer.status == STATUS_OBSERVED)
		path = stat_socket(run->machine, &answer);
	if (answer.status == STATUS_OBSERVED && caller->uid != 0 &&
	    (answer.numbers[STAT_MODE] & OPEN_TO_ALL) == OPEN_TO_ALL)
		fact_none(run->facts, key, STATUS_SKIPPED, "polkit decides", path);
	else
		emit_by_mode(run, key, caller, &answer, path);
}

static void emit_nothing(const struct probe_run *run, const struct fact_declaration *declared,
                         enum status status, const char *why)
{
	for (; declared->key != NULL; declared++)
		fact_none(run->facts, declared->key, status, why, "caller");
}

static const struct fact_declaration facts[] = {
	{ "caller.uid", "int, user id of who called; under sudo of who called sudo" },
	{ "caller.name", "text, their name; absent but under sudo" },
	{ "caller.kvm", "bool, they may open /dev/kvm" },
	{ "caller.libvirt", "bool, they may connect to libvirt's system daemon" },
	{ NULL, NULL },
};

static void run_caller(const struct probe_run *run)
{
	struct caller caller;
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (!installed_host_of_vms(run->machine)) {
		emit_nothing(run, facts, STATUS_SKIPPED, INSTALLED_NO_HOST);
		return;
	}
	if (machine_caller(run->machine, &answer) != STATUS_OBSERVED) {
		emit_nothing(run, facts, answer.status, answer.why);
		return;
	}
	if (!read_caller(answer.text, &caller)) {
		emit_nothing(run, facts, STATUS_FAILED, "no user id");
		return;
	}
	fact_int(run->facts, "caller.uid", (int64_t)caller.uid, "caller");
	if (caller.name[0] != '\0')
		fact_text(run->facts, "caller.name", caller.name, "SUDO_USER");
	else
		fact_none(run->facts, "caller.name", STATUS_ABSENT, "not under sudo", "SUDO_USER");
	emit_kvm(run, &caller);
	emit_libvirt(run, &caller);
}

const struct probe probe_caller = {
	.id = "caller",
	.title = "whether who called may use /dev/kvm and libvirt",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_caller,
};
