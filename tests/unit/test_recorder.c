/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The recorder asks each question once, whoever and however many ask it, and tells its listener. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/adapters.h"
#include "tests/lib/fake_machine.h"
#include "tests/lib/fault_machine.h"

#define THREADS   8
#define QUESTIONS 2000

/* Answers CPUID with its own arguments, and counts. */
struct echo {
	struct machine machine;
	atomic_size_t asked;
};

static void echo_ask(struct machine *machine, const struct question *question,
                     struct answer *answer)
{
	atomic_fetch_add(&((struct echo *)machine)->asked, 1);
	const uint64_t numbers[] = { question->argument[0], question->argument[1],
		                     question->argument[2], 0 };
	answer_set_numbers(answer, numbers, 4);
}

static void echo_close(struct machine *machine)
{
	(void)machine;
}

static const struct machine_ops echo_ops = { .ask = echo_ask, .close = echo_close };

struct telling {
	pthread_mutex_t lock;
	size_t count;
	char last[64];
	enum status status;
};

static void listen_to(void *context, const char *key, const struct answer *answer)
{
	struct telling *telling = context;
	pthread_mutex_lock(&telling->lock);
	telling->count++;
	snprintf(telling->last, sizeof telling->last, "%s", key);
	telling->status = answer->status;
	pthread_mutex_unlock(&telling->lock);
}

static void *ask_all(void *context)
{
	struct machine *machine = context;
	struct answer answer = ANSWER_INIT;
	size_t wrong = 0;
	for (uint32_t i = 0; i < QUESTIONS; i++) {
		machine_cpuid(machine, i % 16, i, 7, &answer);
		wrong += answer.numbers[0] != i % 16 || answer.numbers[1] != i;
	}
	answer_clear(&answer);
	return (void *)wrong;
}

Test(recorder, eight_threads_ask_and_the_machine_is_asked_once)
{
	struct echo echo = { { &echo_ops }, 0 };
	struct telling telling = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct machine *machine = machine_recorder_open(&echo.machine, listen_to, &telling, NULL);
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, ask_all, machine), 0);
	for (int i = 0; i < THREADS; i++) {
		void *wrong;
		pthread_join(threads[i], &wrong);
		cr_assert_null(wrong);
	}
	cr_assert_eq(echo.asked, QUESTIONS);
	cr_assert_eq(telling.count, QUESTIONS);
	machine_close(machine);
}

static void *ask_one(void *context)
{
	struct answer answer = ANSWER_INIT;
	enum status status = machine_read_file(context, "/slow", &answer);
	bool right = status == STATUS_OBSERVED && strcmp(answer.text, "worth waiting") == 0;
	answer_clear(&answer);
	return right ? context : NULL;
}

Test(recorder, threads_with_one_question_wait_for_one_answer)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, "/slow", "worth waiting");
	struct machine *slow =
	        fault_machine_new(fake_machine(fake), &(struct fault){ .slow_ms = 50 });
	struct machine *machine = machine_recorder_open(slow, NULL, NULL, NULL);
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, ask_one, machine), 0);
	for (int i = 0; i < THREADS; i++) {
		void *right;
		pthread_join(threads[i], &right);
		cr_assert_not_null(right);
	}
	cr_assert_eq(fault_machine_asked(slow), 1);
	machine_close(machine);
	fake_machine_free(fake);
}

Test(recorder, remembers_failures_too)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, "/a", "text");
	struct machine *faulty = fault_machine_new(fake_machine(fake),
	                                           &(struct fault){ .nth = 1, .sys_errno = EIO });
	struct telling telling = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct machine *machine = machine_recorder_open(faulty, listen_to, &telling, NULL);
	struct answer answer = ANSWER_INIT;
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(machine_read_file(machine, "/a", &answer), STATUS_FAILED);
		cr_assert_eq(answer.sys_errno, EIO);
		cr_assert_str_eq(answer.why, "fault: Input/output error");
	}
	cr_assert_eq(telling.count, 1);
	cr_assert_str_eq(telling.last, "file /a");
	cr_assert_eq(telling.status, STATUS_FAILED);
	cr_assert_eq(fault_machine_asked(faulty), 1);
	answer_clear(&answer);
	machine_close(machine);
	fake_machine_free(fake);
}

Test(fault_machine, fails_the_wanted_questions_and_no_other)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, "/a", "text");
	struct machine *faulty = fault_machine_new(
	        fake_machine(fake), &(struct fault){ .nth = 2, .repeat = 1, .sys_errno = EACCES });
	static const enum status expected[] = { STATUS_OBSERVED, STATUS_DENIED, STATUS_DENIED,
		                                STATUS_OBSERVED };
	struct answer answer = ANSWER_INIT;
	for (int i = 0; i < 4; i++)
		cr_assert_eq(machine_read_file(faulty, "/a", &answer), expected[i], "%d", i);
	answer_clear(&answer);
	machine_close(faulty);
	fake_machine_free(fake);
}

Test(recorder, keeps_what_it_is_told)
{
	struct echo echo = { .machine.ops = &echo_ops };
	struct telling telling = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct machine *machine = machine_recorder_open(&echo.machine, listen_to, &telling, NULL);
	const struct question question = { .kind = QUESTION_LOST, .path = "l2" };
	const uint64_t yes = 1;
	cleanup_answer struct answer told = ANSWER_INIT;
	cleanup_answer struct answer answer = ANSWER_INIT;
	answer_set_numbers(&told, &yes, 1);
	machine_recorder_note(machine, &question, &told);
	cr_assert_str_eq(telling.last, "lost l2");
	machine_recorder_note(machine, &question, &answer);
	cr_assert_eq(telling.count, 1, "the first answer stays");
	cr_assert_eq(machine_lost(machine, "l2", &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.numbers[0], 1);
	cr_assert_eq(atomic_load(&echo.asked), 0, "and the machine was not asked");
	machine_close(machine);
}
