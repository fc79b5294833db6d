/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who asks, and who may open a file.  Under sudo that is not root: what root
 * may do says nothing about the person who will start VMs tomorrow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/caller.h"
#include "machine/live.h"

#define GROUPS_MAX 1024
#define GROUP_FILE "/etc/group"

/* A number, a name or nothing: what else sudo would not have written is not believed. */
static const char *sudo_word(const char *variable)
{
	const char *word = geteuid() == 0 ? getenv(variable) : NULL;
	if (word == NULL || word[0] == '\0' || strlen(word) > 64 || strpbrk(word, "\n: \t") != NULL)
		return NULL;
	return word;
}

static const char *sudo_number(const char *variable)
{
	const char *word = sudo_word(variable);
	return word != NULL && strspn(word, "0123456789") == strlen(word) ? word : NULL;
}

static void add_own(struct text *text)
{
	gid_t groups[GROUPS_MAX];
	int count = getgroups(GROUPS_MAX, groups);
	text_printf(text, "uid %u\ngids %u", getuid(), getgid());
	for (int i = 0; i < count; i++)
		text_printf(text, " %u", groups[i]);
}

static void add_behind_sudo(struct live *live, struct text *text, const char *uid, const char *name)
{
	const struct question question = { .kind = QUESTION_FILE, .path = GROUP_FILE };
	cleanup_answer struct answer groups = ANSWER_INIT;
	const char *gid = sudo_number("SUDO_GID");
	text_printf(text, "uid %s\nname %s\nthrough sudo\ngids", uid, name);
	if (gid != NULL)
		text_printf(text, " %s", gid);
	live_file(live, &question, &groups);
	if (groups.status == STATUS_OBSERVED)
		caller_add_groups(text, groups.text, name);
}

void live_caller(struct live *live, const struct question *question, struct answer *answer)
{
	cleanup_text struct text text = TEXT_INIT;
	const char *uid = sudo_number("SUDO_UID");
	const char *name = sudo_word("SUDO_USER");
	(void)question;
	if (uid != NULL && name != NULL && strcmp(uid, "0") != 0)
		add_behind_sudo(live, &text, uid, name);
	else
		add_own(&text);
	text_add(&text, "\n");
	if (text.failed)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
	else
		answer_set_text(answer, text_string(&text), text.length);
}

void live_stat(struct live *live, const struct question *question, struct answer *answer)
{
	struct stat status;
	(void)live;
	if (stat(question->path, &status) != 0) {
		answer_set_errno(answer, errno, question->path);
		return;
	}
	/* <linux/posix_acl_xattr.h>; a mode can be a mask of it, and then says too much */
	bool acl = getxattr(question->path, "system.posix_acl_access", NULL, 0) > 0;
	const uint64_t numbers[STAT_NUMBERS] = {
		[STAT_MODE] = status.st_mode,
		[STAT_OWNER] = status.st_uid,
		[STAT_GROUP] = status.st_gid,
		[STAT_ACL] = acl,
	};
	answer_set_numbers(answer, numbers, STAT_NUMBERS);
}
