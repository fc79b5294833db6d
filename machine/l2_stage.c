/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stages of the proof, and what each exit of the L2 means. */
#include "machine/l2_stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "machine/l2_deadline.h"

/* exit-cost ends at L2_EXITS_MAX exits, or at this age with so many exits done. */
#define EXIT_COST_NS    600000u
#define EXIT_COST_EXITS 9

/* Where the vCPU starts, and where l2_enter_long_mode goes from there. */
static const struct {
	const unsigned char *start;
	const unsigned char *body;
} stages[L2_STAGES] = {
	[L2_REAL_MODE] = { l2_real_mode, NULL },
	[L2_LONG_MODE] = { l2_enter_long_mode, l2_long_mode },
	[L2_NESTED_FAULT] = { l2_enter_long_mode, l2_nested_fault },
	[L2_EXIT_COST] = { l2_enter_long_mode, l2_exit_cost },
};

/* The first and the last page of untouched memory, below and beyond 4 GiB. */
static const uint64_t fault_addresses[L2_FAULTS] = {
	L2_UNTOUCHED,
	L2_LOW_SIZE - 0x1000,
	L2_HIGH,
	L2_HIGH + L2_HIGH_SIZE - 0x1000,
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static const char *internal_error_name(uint32_t suberror)
{
	switch (suberror) {
	case KVM_INTERNAL_ERROR_EMULATION:
		return "an instruction could not be emulated";
	case KVM_INTERNAL_ERROR_SIMUL_EX:
		return "exceptions within exceptions";
	case KVM_INTERNAL_ERROR_DELIVERY_EV:
		return "exit while delivering an event";
	case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
		return "exit reason that KVM does not know";
	default:
		return "unknown";
	}
}

/* An exit that ends the proof.  Always false. */
static bool bad_exit(const struct kvm_run *exit, struct answer *answer)
{
	switch (exit->exit_reason) {
	case KVM_EXIT_FAIL_ENTRY:
		answer_set_status(answer, STATUS_FAILED,
		                  "the CPU refused to enter the L2, hardware reason 0x%" PRIx64,
		                  (uint64_t)exit->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		answer_set_status(answer, STATUS_FAILED, "KVM internal error %" PRIu32 ": %s",
		                  (uint32_t)exit->internal.suberror,
		                  internal_error_name(exit->internal.suberror));
		break;
	case KVM_EXIT_SHUTDOWN:
		answer_set_status(answer, STATUS_FAILED, "the L2 shut down (triple fault)");
		break;
	case KVM_EXIT_MMIO:
		answer_set_status(answer, STATUS_FAILED,
		                  "the L2 found no memory at 0x%" PRIx64 ", where it has some",
		                  (uint64_t)exit->mmio.phys_addr);
		break;
	case KVM_EXIT_IO:
		answer_set_status(answer, STATUS_FAILED, "the L2 used port 0x%" PRIx32,
		                  (uint32_t)exit->io.port);
		break;
	default:
		answer_set_status(answer, STATUS_FAILED,
		                  "unexpected exit of the L2, KVM reason %" PRIu32,
		                  (uint32_t)exit->exit_reason);
	}
	return false;
}

static void count_tick(struct l2_vm *vm, struct l2_run *run, uint64_t ns, uint64_t age)
{
	if (run->exits < L2_EXITS_MAX)
		run->exit_ns[run->exits++] = ns;
	l2_vm_mailbox(vm)->stop =
	        run->exits == L2_EXITS_MAX || (run->exits >= EXIT_COST_EXITS && age > EXIT_COST_NS);
}

/* An OUT.  False when it is none that our code does. */
static bool take_out(const struct kvm_run *exit, struct l2_run *run, bool *tick)
{
	const unsigned char *data = (const unsigned char *)exit + exit->io.data_offset;
	*tick = exit->io.port == L2_PORT_TICK;
	if (exit->io.direction != KVM_EXIT_IO_OUT || exit->io.count != 1)
		return false;
	if (*tick)
		return exit->io.size == 1;
	if (exit->io.port != L2_PORT_ANSWER || exit->io.size != sizeof run->result)
		return false;
	memcpy(&run->result, data, sizeof run->result);
	run->answers++;
	return true;
}

/* KVM_RUN failed.  True when that was a signal of somebody else's and it is to be tried again. */
static bool interrupted(int error, const struct l2_run *run, struct answer *answer)
{
	if (error == -EINTR && !l2_deadline_passed())
		return true;
	if (error == -EINTR) {
		answer_set_status(answer, STATUS_FAILED, "the L2 did not come back within %u ms",
		                  run->deadline_ms);
		answer->sys_errno = ETIMEDOUT;
	} else {
		answer_set_errno(answer, -error, "KVM_RUN");
		answer->status = STATUS_FAILED;
	}
	return false;
}

/* Enters the L2 until it halts. */
static bool run_to_halt(struct l2_vm *vm, struct l2_run *run, struct answer *answer)
{
	uint64_t start = now_ns();
	uint64_t before = start;
	bool ticked = false;
	for (;;) {
		bool tick = false;
		int error = l2_vm_enter(vm);
		uint64_t after = now_ns();
		run->nanoseconds = after - start;
		if (error != 0 && interrupted(error, run, answer))
			continue;
		if (error != 0)
			return false;
		if (vm->run->exit_reason == KVM_EXIT_HLT)
			return true;
		if (vm->run->exit_reason != KVM_EXIT_IO || !take_out(vm->run, run, &tick))
			return bad_exit(vm->run, answer);
		/* Only from tick to tick it is the exit and nothing else. */
		if (tick && ticked)
			count_tick(vm, run, after - before, after - start);
		ticked = tick;
		before = after;
	}
}

bool l2_run(struct l2_vm *vm, uint64_t rip, uint64_t rbx, struct l2_run *run, struct answer *answer)
{
	struct l2_deadline deadline;
	int error = l2_vm_start(vm, rip, rbx);
	if (error == 0)
		error = l2_deadline_begin(&deadline, vm->vcpu_fd, run->deadline_ms);
	if (error != 0) {
		answer_set_errno(answer, -error, "starting the L2");
		answer->status = STATUS_FAILED;
		return false;
	}
	bool halted = run_to_halt(vm, run, answer);
	l2_deadline_end(&deadline);
	return halted;
}

static int compare_ns(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

static uint64_t median_ns(struct l2_run *run)
{
	qsort(run->exit_ns, run->exits, sizeof run->exit_ns[0], compare_ns);
	return run->exits == 0 ? 0 : run->exit_ns[run->exits / 2];
}

/* An answer, even one without a value, carries what is known once the L2 was entered. */
static void set_numbers(const struct l2_vm *vm, enum l2_stage stage, struct l2_run *run,
                        struct answer *answer)
{
	const struct kvm_run *exit = vm->run;
	bool refused = exit->exit_reason == KVM_EXIT_FAIL_ENTRY;
	answer->number_count = L2_NUMBERS;
	answer->numbers[L2_NONCE] = l2_vm_mailbox(vm)->nonce;
	answer->numbers[L2_RESULT] = run->result;
	answer->numbers[L2_EXIT_REASON] = exit->exit_reason;
	answer->numbers[L2_HARDWARE_REASON] =
	        refused ? exit->fail_entry.hardware_entry_failure_reason : 0;
	answer->numbers[L2_NANOSECONDS] = stage == L2_EXIT_COST ? median_ns(run) : run->nanoseconds;
	answer->numbers[L2_EXITS] = run->exits;
}

/* The L2 has halted: did its answer arrive both ways, and its writes where they belong? */
static void check_halted(const struct l2_vm *vm, enum l2_stage stage, const struct l2_run *run,
                         struct answer *answer)
{
	const struct l2_mailbox *mailbox = l2_vm_mailbox(vm);
	if (run->answers != 1) {
		answer_set_status(answer, STATUS_FAILED, "the L2 halted after %zu answers",
		                  run->answers);
		return;
	}
	if (run->result != mailbox->result) {
		answer_set_status(answer, STATUS_FAILED,
		                  "the L2 wrote 0x%" PRIx32 " to its port, 0x%" PRIx32
		                  " to its memory",
		                  run->result, mailbox->result);
		return;
	}
	for (uint32_t i = 0; stage == L2_NESTED_FAULT && i < L2_FAULTS; i++) {
		const uint32_t *word = l2_vm_memory(vm, fault_addresses[i]);
		if (*word != mailbox->nonce + i) {
			answer_set_status(answer, STATUS_FAILED,
			                  "what the L2 wrote at 0x%" PRIx64 " is not there",
			                  fault_addresses[i]);
			return;
		}
	}
	answer->status = STATUS_OBSERVED;
}

static uint64_t address_of(const unsigned char *label)
{
	return label == NULL ? 0 : L2_CODE + (uint64_t)(label - l2_code);
}

void l2_stage_run(struct l2_vm *vm, enum l2_stage stage, unsigned deadline_ms,
                  const uint32_t *nonce, struct answer *answer)
{
	struct l2_run run = { .deadline_ms = deadline_ms };
	struct l2_mailbox mailbox = { .nonce = 0 };
	int error = stage == L2_NESTED_FAULT ? l2_vm_forget_memory(vm) : 0;
	if (nonce != NULL)
		mailbox.nonce = *nonce;
	else if (getrandom(&mailbox.nonce, sizeof mailbox.nonce, 0) != sizeof mailbox.nonce)
		error = -errno;
	if (error != 0) {
		answer_set_errno(answer, -error, "preparing the L2");
		answer->status = STATUS_FAILED;
		return;
	}
	memcpy(mailbox.faults, fault_addresses, sizeof fault_addresses);
	*l2_vm_mailbox(vm) = mailbox;
	if (l2_run(vm, address_of(stages[stage].start), address_of(stages[stage].body), &run,
	           answer))
		check_halted(vm, stage, &run, answer);
	set_numbers(vm, stage, &run, answer);
}
