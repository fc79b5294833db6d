/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a VM really run here?  The proof that outranks all flags: code in an L2
 * gives back what it made of a nonce, and this probe works out for itself
 * whether that is right.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/transform.h"
#include "probes/cpus.h"
#include "probes/hypervisor.h"
#include "probes/percpu.h"
#include "probes/probe.h"
#include "probes/relay.h"

/* The stages that are a fact for each CPU; the exit's cost is measured once, after them. */
static const struct {
	const char *key;
	const char *source;
} stages[] = {
	[L2_REAL_MODE] = { "l2.real-mode", "KVM_RUN, 16-bit code" },
	[L2_LONG_MODE] = { "l2.long-mode", "KVM_RUN, 64-bit code" },
	[L2_NESTED_FAULT] = { "l2.nested-fault", "KVM_RUN, untouched memory" },
};

#define PROVEN_STAGES 3

static const char exit_source[] = "KVM_RUN, median of many OUT";

struct proof {
	const struct probe_run *run;
	struct percpu facts[PROVEN_STAGES];
	struct answer last;                /* of the last stage that was run */
	bool entered;                      /* some L2 was */
	bool busy;                         /* KVM_CREATE_VM said EBUSY */
	bool over;                         /* it makes no sense to go on, on whatever CPU */
	uint64_t hardware_reason;          /* of a refused entry; 0 when none was */
	char answer[CHALLENGE_DIGITS + 1]; /* what the stages made of the challenge, so far */
};

/* Why no L2 may be launched here: an answer that is not `observed`; true when it may. */
static bool may_launch(const struct probe_run *run, struct answer *answer)
{
	enum status status = machine_kvm(run->machine, answer);
	if (status == STATUS_ABSENT) {
		answer_set_status(answer, STATUS_SKIPPED, "no /dev/kvm");
	} else if (status == STATUS_OBSERVED && !run->settings->risky_l2 &&
	           hypervisor_present(run->machine, "XenVMMXenVMM")) {
		/* An L2 took the whole L1 down: xcp-ng/xcp issue 562. */
		answer_set_status(answer, STATUS_SKIPPED,
		                  "an L2 can kill this guest on Xen; --risky-l2 runs it");
	}
	return answer->status == STATUS_OBSERVED;
}

static bool risks_l2(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	return may_launch(run, &answer);
}

static bool is_right(enum l2_stage stage, const struct answer *answer)
{
	return answer->numbers[L2_RESULT] == l2_transform(stage, answer->numbers[L2_NONCE]);
}

/* Runs one stage.  True when its code ran to its end, whatever it answered. */
static bool ask(struct proof *proof, uint32_t cpu, enum l2_stage stage)
{
	struct answer *answer = &proof->last;
	machine_l2(proof->run->machine, cpu, stage, answer);
	if (answer->number_count == L2_NUMBERS)
		proof->entered = true;
	if (answer->number_count == L2_NUMBERS && answer->numbers[L2_HARDWARE_REASON] != 0)
		proof->hardware_reason = answer->numbers[L2_HARDWARE_REASON];
	if (answer->status != STATUS_FAILED)
		return answer->status == STATUS_OBSERVED;
	/* Neither changes from CPU to CPU, and each try would cost a whole deadline. */
	proof->busy |= answer->sys_errno == EBUSY;
	proof->over |= answer->sys_errno == EBUSY || answer->sys_errno == ETIMEDOUT;
	return false;
}

/* What a stage made of its part of the challenge; the first CPU answers for all. */
static void note_answer(struct proof *proof, enum l2_stage stage)
{
	const char *challenge = proof->run->settings->challenge;
	size_t have = strlen(proof->answer);
	if (challenge != NULL && have == 8 * (size_t)stage &&
	    proof->last.numbers[L2_NONCE] == challenge_nonce(challenge, stage))
		snprintf(proof->answer + have, sizeof proof->answer - have, "%08x",
		         (unsigned)proof->last.numbers[L2_RESULT]);
}

/* Proves one CPU.  `named` is what the machine is asked for, `cpu` what the facts say. */
static void prove(struct proof *proof, uint32_t named, uint32_t cpu)
{
	char why[112] = "not tried after another CPU did not come back";
	bool go_on = !proof->over;
	for (size_t i = 0; i < PROVEN_STAGES; i++) {
		enum l2_stage stage = (enum l2_stage)i;
		if (!go_on) {
			percpu_add(&proof->facts[i], cpu, STATUS_SKIPPED, 0, why);
			continue;
		}
		go_on = ask(proof, named, stage);
		if (go_on)
			note_answer(proof, stage);
		percpu_add(&proof->facts[i], cpu, proof->last.status,
		           go_on && is_right(stage, &proof->last), proof->last.why);
		if (!go_on)
			snprintf(why, sizeof why, "not tried after %s failed",
			         l2_stage_name(stage));
	}
}

static void prove_every_cpu(struct proof *proof)
{
	struct cpus cpus;
	cpus_online(proof->run->machine, &cpus);
	for (size_t i = 0; i < cpus.count; i++)
		prove(proof, cpus.number[i], cpus.number[i]);
}

static void emit_exit_cost(struct proof *proof)
{
	struct fact_sink *sink = proof->run->facts;
	if (proof->last.status != STATUS_OBSERVED)
		fact_none(sink, "l2.exit-ns", STATUS_SKIPPED, "not tried after a stage failed",
		          exit_source);
	else if (!ask(proof, L2_ANY_CPU, L2_EXIT_COST))
		relay_none(sink, "l2.exit-ns", &proof->last, exit_source);
	else if (!is_right(L2_EXIT_COST, &proof->last) || proof->last.numbers[L2_EXITS] == 0)
		fact_none(sink, "l2.exit-ns", STATUS_FAILED, "the L2 did not do what it was to do",
		          exit_source);
	else
		fact_int(sink, "l2.exit-ns", (int64_t)proof->last.numbers[L2_NANOSECONDS],
		         exit_source);
}

static void emit_reasons(const struct proof *proof)
{
	struct fact_sink *sink = proof->run->facts;
	if (proof->hardware_reason != 0)
		fact_hex(sink, "l2.hardware-reason", proof->hardware_reason, "KVM_EXIT_FAIL_ENTRY");
	else
		fact_none(sink, "l2.hardware-reason", STATUS_ABSENT, "the CPU refused no entry",
		          "KVM_EXIT_FAIL_ENTRY");
	if (proof->busy || proof->entered)
		fact_bool(sink, "l2.busy", proof->busy, "KVM_CREATE_VM");
	else
		relay_none(sink, "l2.busy", &proof->last, "KVM_CREATE_VM");
}

static void emit_answer(const struct proof *proof)
{
	if (proof->run->settings->challenge == NULL)
		return;
	if (strlen(proof->answer) == CHALLENGE_DIGITS)
		fact_text(proof->run->facts, "l2.answer", proof->answer, "KVM_RUN");
	else
		fact_none(proof->run->facts, "l2.answer", STATUS_FAILED,
		          "not every stage took its nonce from the challenge", "KVM_RUN");
}

static void emit_nothing(const struct probe_run *run, const struct answer *answer)
{
	for (size_t i = 0; i < PROVEN_STAGES; i++)
		relay_none(run->facts, stages[i].key, answer, stages[i].source);
	relay_none(run->facts, "l2.exit-ns", answer, exit_source);
	relay_none(run->facts, "l2.hardware-reason", answer, "KVM_EXIT_FAIL_ENTRY");
	relay_none(run->facts, "l2.busy", answer, "KVM_CREATE_VM");
}

static void run_l2(const struct probe_run *run)
{
	struct proof proof = { .run = run, .last = ANSWER_INIT };
	if (!may_launch(run, &proof.last)) {
		emit_nothing(run, &proof.last);
		answer_clear(&proof.last);
		return;
	}
	answer_clear(&proof.last);
	for (size_t i = 0; i < PROVEN_STAGES; i++)
		percpu_begin(&proof.facts[i], stages[i].key, PERCPU_BOOL, stages[i].source);
	if (run->settings->every_cpu)
		prove_every_cpu(&proof);
	else
		prove(&proof, L2_ANY_CPU, 0);
	for (size_t i = 0; i < PROVEN_STAGES; i++)
		percpu_emit(&proof.facts[i], run->facts);
	emit_exit_cost(&proof);
	emit_reasons(&proof);
	emit_answer(&proof);
	answer_clear(&proof.last);
}

static const struct fact_declaration facts[] = {
	{ "l2.real-mode", "16-bit code ran in an L2 and gave the right answer" },
	{ "l2.long-mode", "so did 64-bit code, which had switched modes by itself" },
	{ "l2.nested-fault", "so did code that touched memory not faulted in before" },
	{ "l2.exit-ns", "nanoseconds: median of one exit from an L2 and re-entry" },
	{ "l2.hardware-reason", "the CPU's reason for a refused entry" },
	{ "l2.answer", "text, what the L2 made of the challenge; only with one" },
	{ "l2.busy", "another hypervisor holds VMX or SVM" },
	{ "l2.previous-run-lost-machine", "an earlier boot ended while an L2 was being run" },
	{ NULL, NULL },
};

const struct probe probe_l2 = {
	.id = "l2",
	.title = "a VM really runs in this guest",
	.flags = PROBE_ACTIVE | PROBE_RISKY,
	.deadline_ms = 5000,
	.facts = facts,
	.run = run_l2,
	.risks = risks_l2,
};
