/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups out of /etc/group, and who asks as the live machine tells it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/adapters.h"
#include "machine/caller.h"

static void expect_groups(const char *file, const char *groups)
{
	cleanup_text struct text text = TEXT_INIT;
	caller_add_groups(&text, file, "alice");
	cr_expect_str_eq(text_string(&text), groups, "%s", file);
}

Test(caller, groups_by_name)
{
	expect_groups(
	        "root:x:0:\nkvm:x:105:alice\nlibvirt:x:110:bob,alice\nsudo:x:27:malice,alice2\n",
	        " 105 110");
	expect_groups("kvm:x:105:bob,alice", " 105");
	expect_groups("kvm:x:105\nkvm:x:x:alice\nkvm::99999999999:alice\n:::alice\nalice\n", "");
	expect_groups("", "");
}

static void ask(struct answer *answer)
{
	struct error err = ERROR_INIT;
	struct machine *machine = machine_live_open(NULL, &err);
	cr_assert_not_null(machine);
	cr_assert_eq(machine_caller(machine, answer), STATUS_OBSERVED);
	machine_close(machine);
}

Test(caller, oneself)
{
	char uid[32];
	cleanup_answer struct answer answer = ANSWER_INIT;
	unsetenv("SUDO_UID");
	ask(&answer);
	snprintf(uid, sizeof uid, "uid %u\n", getuid());
	cr_expect_eq(strncmp(answer.text, uid, strlen(uid)), 0, "%s", answer.text);
	cr_expect_null(strstr(answer.text, "sudo"));
}

/* Only root is believed to have been called through sudo. */
Test(caller, behind_sudo)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "54321", 1);
	setenv("SUDO_USER", "nobody-of-that-name", 1);
	ask(&answer);
	if (geteuid() != 0) {
		cr_expect_null(strstr(answer.text, "sudo"));
		return;
	}
	cr_expect_str_eq(answer.text, "uid 12345\nname nobody-of-that-name\nthrough sudo\n"
	                              "gids 54321\n");
	setenv("SUDO_UID", "12345\nuid 0", 1);
	ask(&answer);
	cr_expect_null(strstr(answer.text, "sudo"), "%s", answer.text);
}

Test(caller, modes)
{
	char path[] = "/tmp/nestready-mode-XXXXXX";
	struct error err = ERROR_INIT;
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct machine *machine = machine_live_open(NULL, &err);
	int fd = mkstemp(path);
	cr_assert_neq(fd, -1);
	cr_assert_eq(fchmod(fd, 0640), 0);
	cr_expect_eq(machine_stat(machine, path, &answer), STATUS_OBSERVED);
	cr_expect_eq(answer.numbers[STAT_MODE], S_IFREG | 0640);
	cr_expect_eq(answer.numbers[STAT_OWNER], geteuid());
	cr_expect_eq(answer.numbers[STAT_ACL], 0);
	close(fd);
	unlink(path);
	cr_expect_eq(machine_stat(machine, path, &answer), STATUS_ABSENT);
	machine_close(machine);
}
