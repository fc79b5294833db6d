/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port itself: keys of questions, life of answers, and the typed questions. */
#include "machine/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/transform.h"

/* How each kind is written in a key: its word, then a path or so many arguments; what it brings. */
static const struct {
	const char *word;
	bool has_path;
	int arguments;
	size_t numbers; /* 0: text */
} kinds[QUESTION_KINDS] = {
	[QUESTION_FILE] = { "file", true, 0, 0 },
	[QUESTION_DIR] = { "dir", true, 0, 0 },
	[QUESTION_LINK] = { "link", true, 0, 0 },
	[QUESTION_DISK] = { "disk", true, 0, 2 },
	[QUESTION_UNAME] = { "uname", false, 0, 0 },
	[QUESTION_CPUID] = { "cpuid", false, 3, 4 },
	[QUESTION_MSR] = { "msr", false, 2, 1 },
	[QUESTION_PCI] = { "pci", false, 0, 0 },
	[QUESTION_KVM] = { "kvm", false, 0, 1 },
	[QUESTION_L2] = { "l2", false, 2, L2_NUMBERS },
	[QUESTION_BACKDOOR] = { "backdoor", false, 1, 4 },
	[QUESTION_LOST] = { "lost", true, 0, 1 },
	[QUESTION_STAT] = { "stat", true, 0, STAT_NUMBERS },
	[QUESTION_CALLER] = { "caller", false, 0, 0 },
	[QUESTION_LOG] = { "log", false, 0, 0 },
	[QUESTION_NICS] = { "nics", false, 0, 0 },
	[QUESTION_MAC] = { "mac-experiment", true, 0, 0 },
};

static const char *const stage_names[L2_STAGES] = {
	[L2_REAL_MODE] = "real-mode",
	[L2_LONG_MODE] = "long-mode",
	[L2_NESTED_FAULT] = "nested-fault",
	[L2_EXIT_COST] = "exit-cost",
};

const char *l2_stage_name(enum l2_stage stage)
{
	return stage_names[stage];
}

/* A key that is being written; what does not fit is counted all the same. */
struct key {
	char *to;
	size_t size;
	size_t used;
};

static void put(struct key *key, const char *text)
{
	size_t length = strlen(text);
	if (key->used < key->size)
		text_cut(key->to + key->used, key->size - key->used, text);
	key->used += length;
}

/* At least so many digits.  By hand: every question is written so, and snprintf takes 4 times as
 * long. */
static void put_number(struct key *key, uint32_t value, uint32_t base, int digits)
{
	char text[11];
	char *at = text + sizeof text - 1;
	*at = '\0';
	while (value != 0 || digits > 0) {
		*--at = "0123456789abcdef"[value % base];
		value /= base;
		digits--;
	}
	put(key, at);
}

/* CPUs are written in decimal, as the kernel numbers them; registers in hex. */
static void put_argument(struct key *key, const struct question *question, int index)
{
	uint32_t value = question->argument[index];
	put(key, " ");
	if (question->kind == QUESTION_L2 && index == 1 && value < L2_STAGES) {
		put(key, stage_names[value]);
	} else if (question->kind == QUESTION_L2 && value == L2_ANY_CPU) {
		put(key, "any");
	} else if (index == 0 && question->kind != QUESTION_BACKDOOR) {
		put_number(key, value, 10, 1);
	} else {
		put(key, "0x");
		put_number(key, value, 16, 8);
	}
}

size_t question_key(const struct question *question, char *to, size_t size)
{
	struct key key = { to, size, 0 };
	put(&key, kinds[question->kind].word);
	if (kinds[question->kind].has_path) {
		put(&key, " ");
		put(&key, question->path);
	}
	for (int i = 0; i < kinds[question->kind].arguments; i++)
		put_argument(&key, question, i);
	return key.used;
}

bool question_kind_of_key(const char *key, enum question_kind *kind)
{
	size_t length = strcspn(key, " ");
	for (int i = 0; i < QUESTION_KINDS; i++) {
		if (strlen(kinds[i].word) == length && memcmp(kinds[i].word, key, length) == 0) {
			*kind = (enum question_kind)i;
			return true;
		}
	}
	return false;
}

bool answer_fits(enum question_kind kind, const struct answer *answer)
{
	size_t numbers = kinds[kind].numbers;
	if (answer->status != STATUS_OBSERVED)
		return answer->number_count == 0 || answer->number_count >= numbers;
	return numbers == 0 ? answer->text != NULL : answer->number_count >= numbers;
}

void answer_clear(struct answer *answer)
{
	free(answer->text);
	*answer = (struct answer)ANSWER_INIT;
}

void answer_copy(struct answer *to, const struct answer *from)
{
	answer_clear(to);
	*to = *from;
	to->text = NULL;
	if (from->text != NULL) {
		bool truncated = from->truncated;
		answer_set_text(to, from->text, from->length);
		to->truncated = truncated;
	}
}

void answer_set_status(struct answer *answer, enum status status, const char *format, ...)
{
	answer_clear(answer);
	answer->status = status;
	va_list args;
	va_start(args, format);
	vsnprintf(answer->why, sizeof answer->why, format, args);
	va_end(args);
}

void answer_set_errno(struct answer *answer, int sys_errno, const char *what)
{
	answer_set_status(answer, status_of_errno(sys_errno), "%s: %s", what, strerror(sys_errno));
	answer->sys_errno = sys_errno;
}

void answer_set_numbers(struct answer *answer, const uint64_t *numbers, size_t count)
{
	answer_clear(answer);
	answer->status = STATUS_OBSERVED;
	answer->number_count = count;
	memcpy(answer->numbers, numbers, count * sizeof *numbers);
}

void answer_set_text(struct answer *answer, const void *bytes, size_t length)
{
	char *copy = malloc(length + 1);
	if (copy == NULL) {
		answer_set_status(answer, STATUS_FAILED, "out of memory");
		return;
	}
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	free(answer->text);
	answer->status = STATUS_OBSERVED;
	answer->text = copy;
	answer->length = length;
}

void machine_ask(struct machine *machine, const struct question *question, struct answer *answer)
{
	answer_clear(answer);
	machine->ops->ask(machine, question, answer);
}

void machine_close(struct machine *machine)
{
	if (machine != NULL)
		machine->ops->close(machine);
}

static enum status ask_path(struct machine *machine, enum question_kind kind, const char *path,
                            struct answer *answer)
{
	struct question question = { .kind = kind, .path = path };
	machine_ask(machine, &question, answer);
	return answer->status;
}

static enum status ask_arguments(struct machine *machine, enum question_kind kind, uint32_t first,
                                 uint32_t second, uint32_t third, struct answer *answer)
{
	struct question question = { .kind = kind, .argument = { first, second, third } };
	machine_ask(machine, &question, answer);
	return answer->status;
}

enum status machine_read_file(struct machine *machine, const char *path, struct answer *answer)
{
	return ask_path(machine, QUESTION_FILE, path, answer);
}

enum status machine_list_dir(struct machine *machine, const char *path, struct answer *answer)
{
	return ask_path(machine, QUESTION_DIR, path, answer);
}

enum status machine_read_link(struct machine *machine, const char *path, struct answer *answer)
{
	return ask_path(machine, QUESTION_LINK, path, answer);
}

enum status machine_disk(struct machine *machine, const char *path, struct answer *answer)
{
	return ask_path(machine, QUESTION_DISK, path, answer);
}

enum status machine_uname(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_UNAME, 0, 0, 0, answer);
}

enum status machine_cpuid(struct machine *machine, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                          struct answer *answer)
{
	return ask_arguments(machine, QUESTION_CPUID, cpu, leaf, subleaf, answer);
}

enum status machine_rdmsr(struct machine *machine, uint32_t cpu, uint32_t index,
                          struct answer *answer)
{
	return ask_arguments(machine, QUESTION_MSR, cpu, index, 0, answer);
}

enum status machine_pci(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_PCI, 0, 0, 0, answer);
}

enum status machine_kvm(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_KVM, 0, 0, 0, answer);
}

enum status machine_l2(struct machine *machine, uint32_t cpu, enum l2_stage stage,
                       struct answer *answer)
{
	return ask_arguments(machine, QUESTION_L2, cpu, stage, 0, answer);
}

enum status machine_backdoor(struct machine *machine, uint32_t command, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_BACKDOOR, command, 0, 0, answer);
}

enum status machine_lost(struct machine *machine, const char *probe, struct answer *answer)
{
	return ask_path(machine, QUESTION_LOST, probe, answer);
}

enum status machine_stat(struct machine *machine, const char *path, struct answer *answer)
{
	return ask_path(machine, QUESTION_STAT, path, answer);
}

enum status machine_caller(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_CALLER, 0, 0, 0, answer);
}

enum status machine_log(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_LOG, 0, 0, 0, answer);
}

enum status machine_nics(struct machine *machine, struct answer *answer)
{
	return ask_arguments(machine, QUESTION_NICS, 0, 0, 0, answer);
}

enum status machine_mac(struct machine *machine, const char *nic, bool ipv6, struct answer *answer)
{
	char path[64];
	snprintf(path, sizeof path, "%.32s %s", nic, ipv6 ? "ipv6" : "ipv4");
	return ask_path(machine, QUESTION_MAC, path, answer);
}

enum status machine_mac_pair(struct machine *machine, const char *nic, const char *other,
                             bool tagged, struct answer *answer)
{
	char path[64];
	snprintf(path, sizeof path, "%.16s %s %.16s", nic, tagged ? "tag" : "to", other);
	return ask_path(machine, QUESTION_MAC, path, answer);
}

uint64_t l2_transform(enum l2_stage stage, uint64_t nonce)
{
	return transform(stage, (uint32_t)nonce);
}
