/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This machine: which function answers which kind of question, and what threads keep meanwhile. */
#include "machine/live.h"

#include <stdlib.h>
#include <unistd.h>

static void live_kvm(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	live_kvm_ask(answer);
}

static void live_l2(struct live *live, const struct question *question, struct answer *answer)
{
	live_l2_ask(&live->l2, question->argument[0], (enum l2_stage)question->argument[1], answer);
}

static void live_lost(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	answer_set_status(answer, STATUS_SKIPPED, "the machine keeps no marks");
}

static live_function *const functions[QUESTION_KINDS] = {
	[QUESTION_FILE] = live_file,         [QUESTION_DIR] = live_dir,
	[QUESTION_LINK] = live_link,         [QUESTION_DISK] = live_disk,
	[QUESTION_UNAME] = live_uname,       [QUESTION_CPUID] = live_cpuid,
	[QUESTION_MSR] = live_msr,           [QUESTION_PCI] = live_pci,
	[QUESTION_KVM] = live_kvm,           [QUESTION_L2] = live_l2,
	[QUESTION_BACKDOOR] = live_backdoor, [QUESTION_LOST] = live_lost,
	[QUESTION_STAT] = live_stat,         [QUESTION_CALLER] = live_caller,
	[QUESTION_LOG] = live_log,           [QUESTION_NICS] = live_nics,
	[QUESTION_MAC] = live_mac,
};

struct live_thread *live_thread(struct live *live, struct answer *answer)
{
	struct live_thread *thread = pthread_getspecific(live->thread_key);
	if (thread != NULL)
		return thread;
	thread = calloc(1, sizeof *thread);
	if (thread == NULL || pthread_setspecific(live->thread_key, thread) != 0) {
		free(thread);
		answer_set_status(answer, STATUS_FAILED, "out of memory");
		return NULL;
	}
	thread->msr_fd = -1;
	pthread_mutex_lock(&live->lock);
	thread->next = live->threads;
	live->threads = thread;
	pthread_mutex_unlock(&live->lock);
	return thread;
}

/* A thread that was moved for CPUID must not start others, or an L2, on that CPU only. */
static void go_home(struct live *live)
{
	struct live_thread *thread = pthread_getspecific(live->thread_key);
	if (thread != NULL)
		live_go_home(thread);
}

static void live_ask(struct machine *machine, const struct question *question,
                     struct answer *answer)
{
	struct live *live = (struct live *)machine;
	if (question->kind != QUESTION_CPUID && question->kind != QUESTION_MSR)
		go_home(live);
	functions[question->kind](live, question, answer);
}

static void live_close(struct machine *machine)
{
	struct live *live = (struct live *)machine;
	go_home(live);
	while (live->threads != NULL) {
		struct live_thread *thread = live->threads;
		live->threads = thread->next;
		if (thread->msr_fd >= 0)
			close(thread->msr_fd);
		if (thread->home != NULL)
			CPU_FREE(thread->home);
		free(thread);
	}
	for (size_t i = 0; i < live->wire_count; i++)
		close(live->wires[i]);
	live_l2_free(&live->l2);
	pthread_key_delete(live->thread_key);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

static const struct machine_ops live_ops = { .ask = live_ask, .close = live_close };

struct machine *machine_live_open(const struct live_options *options, struct error *err)
{
	struct live *live = calloc(1, sizeof *live);
	if (live == NULL || pthread_key_create(&live->thread_key, NULL) != 0)
		goto no_live;
	if (live_l2_init(&live->l2, options == NULL ? 0 : options->l2_deadline_ms,
	                 options == NULL ? NULL : options->l2_challenge) != 0)
		goto no_l2;
	live->machine.ops = &live_ops;
	if (options != NULL)
		live->options = *options;
	pthread_mutex_init(&live->lock, NULL);
	return &live->machine;

no_l2:
	pthread_key_delete(live->thread_key);
no_live:
	free(live);
	error_set(err, ERROR_INTERNAL, 0, "live machine: out of memory");
	return NULL;
}
