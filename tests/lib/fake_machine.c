/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake keeps its answers in the form of a snapshot, so that a test may also load one. */
#include "tests/lib/fake_machine.h"

#include <criterion/criterion.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/snapshot.h"

struct fake_machine {
	struct machine machine;
	json_t *answers;
	char *missed;
	bool open_world;
	size_t asked;
};

static void fake_ask(struct machine *machine, const struct question *question,
                     struct answer *answer)
{
	struct fake_machine *fake = (struct fake_machine *)machine;
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	fake->asked++;
	const json_t *json = json_object_get(fake->answers, key);
	struct error err = ERROR_INIT;
	if (json != NULL) {
		cr_assert_eq(answer_from_json(json, answer, &err), 0, "%s: %s", key, err.message);
		return;
	}
	if (fake->missed == NULL)
		fake->missed = strdup(key);
	answer_set_status(answer, STATUS_SKIPPED, "not recorded");
}

static void fake_close(struct machine *machine)
{
	struct fake_machine *fake = (struct fake_machine *)machine;
	json_decref(fake->answers);
	free(fake->missed);
	free(fake);
}

static const struct machine_ops fake_ops = { .ask = fake_ask, .close = fake_close };

struct fake_machine *fake_machine_new(void)
{
	struct fake_machine *fake = calloc(1, sizeof *fake);
	cr_assert_not_null(fake);
	fake->machine.ops = &fake_ops;
	fake->answers = json_object();
	cr_assert_not_null(fake->answers);
	return fake;
}

void fake_machine_free(struct fake_machine *fake)
{
	machine_close(&fake->machine);
}

struct machine *fake_machine(struct fake_machine *fake)
{
	return &fake->machine;
}

const char *fake_missed(const struct fake_machine *fake)
{
	return fake->missed;
}

size_t fake_asked(const struct fake_machine *fake)
{
	return fake->asked;
}

void fake_open_world(struct fake_machine *fake)
{
	fake->open_world = true;
}

void fake_load(struct fake_machine *fake, const char *snapshot_file)
{
	FILE *file = fopen(snapshot_file, "re");
	cr_assert_not_null(file, "%s", snapshot_file);
	char *text = malloc(SNAPSHOT_LIMIT);
	cr_assert_not_null(text);
	size_t length = fread(text, 1, SNAPSHOT_LIMIT, file);
	fclose(file);
	struct error err = ERROR_INIT;
	json_t *root = snapshot_parse(snapshot_file, text, length, &err);
	free(text);
	cr_assert_not_null(root, "%s", err.message);
	cr_assert_eq(json_object_update(fake->answers, json_object_get(root, "answers")), 0);
	json_decref(root);
}

/* Takes over what the answer owns. */
static void put(struct fake_machine *fake, const char *key, struct answer *answer)
{
	enum question_kind kind;
	cr_assert(question_kind_of_key(key, &kind), "no question begins like \"%s\"", key);
	cr_assert(answer_fits(kind, answer), "the answer does not fit \"%s\"", key);
	cr_assert_eq(json_object_set_new(fake->answers, key, answer_to_json(answer)), 0, "%s", key);
	answer_clear(answer);
}

static void put_text(struct fake_machine *fake, enum question_kind kind, const char *path,
                     const void *bytes, size_t length)
{
	struct question question = { .kind = kind, .path = path };
	char key[QUESTION_KEY_MAX];
	question_key(&question, key, sizeof key);
	struct answer answer = ANSWER_INIT;
	answer_set_text(&answer, bytes, length);
	put(fake, key, &answer);
}

void fake_file(struct fake_machine *fake, const char *path, const char *text)
{
	put_text(fake, QUESTION_FILE, path, text, strlen(text));
}

void fake_file_bytes(struct fake_machine *fake, const char *path, const void *bytes, size_t length)
{
	put_text(fake, QUESTION_FILE, path, bytes, length);
}

void fake_log(struct fake_machine *fake, const char *lines)
{
	put_text(fake, QUESTION_LOG, NULL, lines, strlen(lines));
}

void fake_dir(struct fake_machine *fake, const char *path, const char *names)
{
	put_text(fake, QUESTION_DIR, path, names, strlen(names));
}

void fake_link(struct fake_machine *fake, const char *path, const char *target)
{
	put_text(fake, QUESTION_LINK, path, target, strlen(target));
}

void fake_pci(struct fake_machine *fake, const char *lines)
{
	put_text(fake, QUESTION_PCI, NULL, lines, strlen(lines));
}

void fake_uname(struct fake_machine *fake, const char *release)
{
	char text[256];
	int length = snprintf(text, sizeof text, "Linux\n%s\n#1 SMP\nx86_64\n", release);
	put_text(fake, QUESTION_UNAME, NULL, text, (size_t)length);
}

static void put_numbers(struct fake_machine *fake, const struct question *question,
                        const uint64_t *numbers, size_t count)
{
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	struct answer answer = ANSWER_INIT;
	answer_set_numbers(&answer, numbers, count);
	put(fake, key, &answer);
}

void fake_disk(struct fake_machine *fake, const char *path, uint64_t available, uint64_t size)
{
	struct question question = { .kind = QUESTION_DISK, .path = path };
	put_numbers(fake, &question, (const uint64_t[]){ available, size }, 2);
}

void fake_cpuid(struct fake_machine *fake, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
	struct question question = { .kind = QUESTION_CPUID, .argument = { cpu, leaf, subleaf } };
	put_numbers(fake, &question, (const uint64_t[]){ eax, ebx, ecx, edx }, 4);
}

void fake_msr(struct fake_machine *fake, uint32_t cpu, uint32_t index, uint64_t value)
{
	struct question question = { .kind = QUESTION_MSR, .argument = { cpu, index } };
	put_numbers(fake, &question, &value, 1);
}

void fake_numbers(struct fake_machine *fake, const char *key, size_t count, ...)
{
	uint64_t numbers[ANSWER_NUMBERS] = { 0 };
	cr_assert_leq(count, ANSWER_NUMBERS);
	va_list args;
	va_start(args, count);
	for (size_t i = 0; i < count; i++)
		numbers[i] = va_arg(args, uint64_t);
	va_end(args);
	struct answer answer = ANSWER_INIT;
	answer_set_numbers(&answer, numbers, count);
	put(fake, key, &answer);
}

void fake_status(struct fake_machine *fake, const char *key, enum status status, int sys_errno)
{
	cr_assert_neq(status, STATUS_OBSERVED);
	struct answer answer = ANSWER_INIT;
	answer_set_status(&answer, status, "%s",
	                  sys_errno == 0 ? status_name(status) : strerror(sys_errno));
	answer.sys_errno = sys_errno;
	put(fake, key, &answer);
}

void fake_json(struct fake_machine *fake, const char *key, const char *text)
{
	json_t *json = quoted_json(text);
	struct answer answer = ANSWER_INIT;
	struct error err = ERROR_INIT;
	cr_assert_eq(answer_from_json(json, &answer, &err), 0, "%s: %s", key, err.message);
	json_decref(json);
	put(fake, key, &answer);
}

/* Receives what a probe emits, and holds it to its declarations. */
struct collector {
	struct fact_sink sink;
	const struct probe *probe;
	struct fact_set *facts;
};

static void collect(struct fact_sink *sink, const struct fact *fact)
{
	struct collector *collector = (struct collector *)sink;
	const struct fact_declaration *declaration = collector->probe->facts;
	while (declaration->key != NULL && fnmatch(declaration->key, fact->key, 0) != 0)
		declaration++;
	cr_assert_not_null(declaration->key, "probe %s emits %s and does not declare it",
	                   collector->probe->id, fact->key);
	cr_assert_eq(fact->status == STATUS_OBSERVED, fact->value != NULL,
	             "%s: a value goes with `observed`, and only with it", fact->key);
	cr_assert_eq(fact_set_add(collector->facts, fact), 0);
}

struct fact_set *run_probe_on(const struct probe *probe, struct machine *machine,
                              const struct probe_settings *settings)
{
	static const struct probe_settings none;
	struct collector collector = { { collect }, probe, fact_set_new() };
	cr_assert_not_null(collector.facts);
	struct probe_run run = { .machine = machine,
		                 .facts = &collector.sink,
		                 .settings = settings == NULL ? &none : settings };
	probe->run(&run);
	return collector.facts;
}

struct fact_set *run_probe(const struct probe *probe, struct fake_machine *fake,
                           const struct probe_settings *settings)
{
	struct fact_set *facts = run_probe_on(probe, &fake->machine, settings);
	if (!fake->open_world)
		cr_assert_null(fake->missed, "probe %s asked what is not recorded: %s", probe->id,
		               fake->missed);
	return facts;
}
