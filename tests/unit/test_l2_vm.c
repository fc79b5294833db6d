/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The L2 on this very machine: it runs, it is caught when it misbehaves, it is left when it hangs.
 */
#define _GNU_SOURCE 1 /* sched_getaffinity, unshare */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/l2_stage.h"
#include "machine/live_kvm.h"

static void need_kvm(void)
{
	cleanup_fd int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		cr_skip("/dev/kvm: %s", strerror(errno));
}

/* The tests that need a VM; the others run everywhere. */
TestSuite(l2_vm, .init = need_kvm);

static struct l2_vm *open_vm(void)
{
	struct answer answer = ANSWER_INIT;
	cleanup_fd int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct l2_vm *vm = l2_vm_open(fd, &answer);
	cr_assert_not_null(vm, "%s", answer.why);
	return vm;
}

/* Runs real-mode code of a test's own. */
static bool run_code(const char *code, size_t length, unsigned deadline_ms, struct l2_run *run,
                     struct answer *answer)
{
	struct l2_vm *vm = open_vm();
	memcpy(vm->low + L2_CODE, code, length);
	*run = (struct l2_run){ .deadline_ms = deadline_ms };
	bool halted = l2_run(vm, L2_CODE, 0, run, answer);
	l2_vm_close(vm);
	return halted;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void expect_right(struct live_l2 *l2, uint32_t cpu, enum l2_stage stage)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	live_l2_ask(l2, cpu, stage, &answer);
	cr_assert_eq(answer.status, STATUS_OBSERVED, "%s: %s", l2_stage_name(stage), answer.why);
	cr_assert_eq(answer.number_count, L2_NUMBERS);
	cr_assert_eq(answer.numbers[L2_RESULT], l2_transform(stage, answer.numbers[L2_NONCE]));
	cr_assert_eq(answer.numbers[L2_EXIT_REASON], KVM_EXIT_HLT);
	cr_assert_eq(answer.numbers[L2_HARDWARE_REASON], 0);
	cr_assert_gt(answer.numbers[L2_NANOSECONDS], 0);
	cr_assert_eq(answer.numbers[L2_EXITS] > 8, stage == L2_EXIT_COST);
}

Test(l2_vm, every_stage_in_any_order_and_twice_in_one_vm)
{
	struct live_l2 l2;
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	for (unsigned i = 0; i < 2 * L2_STAGES; i++)
		expect_right(&l2, L2_ANY_CPU, (enum l2_stage)((i * 3) % L2_STAGES));
	live_l2_free(&l2);
}

Test(l2_vm, a_challenge_is_what_the_stages_that_prove_transform)
{
	struct live_l2 l2;
	static const char challenge[] = "00000001deadbeef12345678";
	static const uint32_t nonces[] = { 1, 0xdeadbeef, 0x12345678 };
	cr_assert_eq(live_l2_init(&l2, 0, challenge), 0);
	for (int stage = 0; stage < 3; stage++) {
		cleanup_answer struct answer answer = ANSWER_INIT;
		live_l2_ask(&l2, L2_ANY_CPU, (enum l2_stage)stage, &answer);
		if (answer.status == STATUS_ABSENT || answer.status == STATUS_DENIED)
			cr_skip_test("no /dev/kvm");
		cr_assert_eq(answer.status, STATUS_OBSERVED);
		cr_assert_eq(answer.numbers[L2_NONCE], nonces[stage]);
		cr_assert_eq(answer.numbers[L2_RESULT],
		             l2_transform((enum l2_stage)stage, nonces[stage]));
	}
	live_l2_free(&l2);
}

Test(l2_vm, nonces_differ_from_stage_to_stage)
{
	struct live_l2 l2;
	struct answer first = ANSWER_INIT, second = ANSWER_INIT;
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	live_l2_ask(&l2, L2_ANY_CPU, L2_REAL_MODE, &first);
	live_l2_ask(&l2, L2_ANY_CPU, L2_REAL_MODE, &second);
	cr_assert_neq(first.numbers[L2_NONCE], second.numbers[L2_NONCE]);
	live_l2_free(&l2);
}

Test(l2_vm, runs_on_the_cpu_that_was_named_and_gives_the_thread_back)
{
	struct live_l2 l2;
	cpu_set_t before, after;
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	cr_assert_eq(sched_getaffinity(0, sizeof before, &before), 0);
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &before))
			expect_right(&l2, cpu, L2_LONG_MODE);
	cr_assert_eq(sched_getaffinity(0, sizeof after, &after), 0);
	cr_assert(CPU_EQUAL(&before, &after));
	live_l2_free(&l2);
}

Test(l2_vm, a_cpu_that_is_not_there_is_a_failure)
{
	struct live_l2 l2;
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	for (uint32_t cpu = 8191; cpu <= 8192; cpu++) {
		cleanup_answer struct answer answer = ANSWER_INIT;
		live_l2_ask(&l2, cpu, L2_REAL_MODE, &answer);
		cr_assert_eq(answer.status, STATUS_FAILED, "%s", answer.why);
		cr_assert_eq(answer.sys_errno, EINVAL);
	}
	live_l2_free(&l2);
}

static void *ask_ten_times(void *l2)
{
	for (int i = 0; i < 10; i++)
		expect_right(l2, L2_ANY_CPU, (enum l2_stage)(i % L2_STAGES));
	return NULL;
}

Test(l2_vm, threads_take_turns)
{
	struct live_l2 l2;
	pthread_t threads[3];
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, ask_ten_times, &l2), 0);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(pthread_join(threads[i], NULL), 0);
	live_l2_free(&l2);
}

Test(l2_vm, that_loops_for_ever_is_left_at_the_deadline, .timeout = 10)
{
	struct l2_run run;
	struct answer answer = ANSWER_INIT;
	sigset_t before, after;
	cr_assert_eq(pthread_sigmask(SIG_BLOCK, NULL, &before), 0);
	double start = seconds();
	cr_assert_not(run_code("\xeb\xfe", 2, 100, &run, &answer)); /* jmp . */
	double took = seconds() - start;
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_eq(answer.sys_errno, ETIMEDOUT);
	cr_assert_str_eq(answer.why, "the L2 did not come back within 100 ms");
	cr_assert_geq(took, 0.1);
	cr_assert_lt(took, 1.0);
	cr_assert_eq(pthread_sigmask(SIG_BLOCK, NULL, &after), 0);
	for (int signal = 1; signal <= SIGRTMAX; signal++)
		cr_assert_eq(sigismember(&before, signal), sigismember(&after, signal));
	cr_assert_eq(sigpending(&after), 0);
	cr_assert(sigisemptyset(&after));
}

Test(l2_vm, that_exits_for_ever_is_left_at_the_deadline, .timeout = 10)
{
	struct l2_run run;
	struct answer answer = ANSWER_INIT;
	cr_assert_not(
	        run_code("\xe6\xf0\xeb\xfc", 4, 100, &run, &answer)); /* out %al, $0xf0; jmp */
	cr_assert_eq(answer.sys_errno, ETIMEDOUT, "%s", answer.why);
	cr_assert_eq(run.exits, L2_EXITS_MAX);
}

static void *signal_thread(void *thread)
{
	for (int i = 0; i < 20; i++) {
		struct timespec pause = { 0, 5000000 };
		pthread_kill(*(pthread_t *)thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

Test(l2_vm, other_signals_are_served_and_do_not_end_it, .timeout = 10)
{
	struct l2_run run;
	struct answer answer = ANSWER_INIT;
	struct sigaction action = { .sa_handler = count_signal };
	pthread_t self = pthread_self(), other;
	cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
	cr_assert_eq(pthread_create(&other, NULL, signal_thread, &self), 0);
	double start = seconds();
	cr_assert_not(run_code("\xeb\xfe", 2, 200, &run, &answer));
	cr_assert_geq(seconds() - start, 0.2);
	cr_assert_eq(answer.sys_errno, ETIMEDOUT, "%s", answer.why);
	cr_assert_eq(pthread_join(other, NULL), 0);
	cr_assert_gt(signals, 0);
}

/* A VM that is opened while signals come all the time; Linux 6.12 then answers EINTR. */
Test(l2_vm, opens_while_signals_come, .timeout = 10)
{
	struct sigaction action = { .sa_handler = count_signal };
	const struct itimerval never = { 0 };
	cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
	for (int i = 0; i < 100; i++) {
		struct itimerval soon = { { 0, 2000 }, { 0, 1 + 3 * i } };
		cr_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
		struct l2_vm *vm = open_vm();
		cr_assert_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
		l2_vm_close(vm);
	}
	cr_assert_gt(signals, 0);
}

static void expect_failure(const char *code, size_t length, const char *why)
{
	struct l2_run run;
	struct answer answer = ANSWER_INIT;
	cr_assert_not(run_code(code, length, 1000, &run, &answer));
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_str_eq(answer.why, why);
}

Test(l2_vm, that_leaves_its_part_is_caught)
{
	/* in $0x60, %al */
	expect_failure("\xe4\x60", 2, "the L2 used port 0x60");
	/* out %al, $0xf4: a byte is no answer */
	expect_failure("\xe6\xf4", 2, "the L2 used port 0xf4");
	/* mov $0xf000, %ax; mov %ax, %ds; mov %al, (0): beyond the low memory */
	expect_failure("\xb8\x00\xf0\x8e\xd8\xa2\x00\x00", 8,
	               "the L2 found no memory at 0xf0000, where it has some");
}

/* Replaces the code of a stage after the VM was made. */
static void run_changed_stage(enum l2_stage stage, const unsigned char *label, const char *code,
                              size_t length, struct answer *answer)
{
	struct l2_vm *vm = open_vm();
	memcpy(vm->low + L2_CODE + (label - l2_code), code, length);
	l2_stage_run(vm, stage, 1000, NULL, answer);
	l2_vm_close(vm);
}

Test(l2_vm, with_a_triple_fault_says_so)
{
	struct answer answer = ANSWER_INIT;
	/* ud2 in 64-bit mode, where there is no handler for it, nor for what follows from that */
	run_changed_stage(L2_LONG_MODE, l2_long_mode, "\x0f\x0b", 2, &answer);
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_str_eq(answer.why, "the L2 shut down (triple fault)");
	cr_assert_eq(answer.numbers[L2_EXIT_REASON], KVM_EXIT_SHUTDOWN);
}

Test(l2_vm, with_a_wrong_multiplier_gives_a_wrong_result)
{
	struct answer answer = ANSWER_INIT;
	struct l2_vm *vm = open_vm();
	static const unsigned char right[] = { 0xb1, 0x79, 0x37, 0x9e };
	unsigned char *multiplier =
	        memmem(vm->low + L2_CODE, (size_t)(l2_code_end - l2_code), right, sizeof right);
	cr_assert_not_null(multiplier);
	multiplier[0] ^= 4;
	l2_stage_run(vm, L2_REAL_MODE, 1000, NULL, &answer);
	l2_vm_close(vm);
	cr_assert_eq(answer.status, STATUS_OBSERVED, "%s", answer.why);
	cr_assert_neq(answer.numbers[L2_RESULT],
	              l2_transform(L2_REAL_MODE, answer.numbers[L2_NONCE]));
}

Test(l2_vm, that_halts_without_an_answer_proves_nothing)
{
	struct answer answer = ANSWER_INIT;
	run_changed_stage(L2_REAL_MODE, l2_real_mode, "\xf4", 1, &answer); /* hlt */
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_str_eq(answer.why, "the L2 halted after 0 answers");
	cr_assert_eq(answer.numbers[L2_EXIT_REASON], KVM_EXIT_HLT);
}

Test(l2_vm, that_answers_by_port_alone_proves_nothing)
{
	struct answer answer = ANSWER_INIT;
	/* mov $0x12345678, %eax; out %eax, $0xf4; hlt */
	run_changed_stage(L2_REAL_MODE, l2_real_mode, "\x66\xb8\x78\x56\x34\x12\x66\xe7\xf4\xf4",
	                  10, &answer);
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_str_eq(answer.why, "the L2 wrote 0x12345678 to its port, 0x0 to its memory");
}

Test(l2_vm, that_writes_nothing_to_the_faulting_pages_is_noticed)
{
	struct answer answer = ANSWER_INIT;
	/* the right answer of another stage, without the memory */
	run_changed_stage(L2_NESTED_FAULT, l2_nested_fault, (const char *)l2_long_mode,
	                  (size_t)(l2_nested_fault - l2_long_mode), &answer);
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_str_eq(answer.why, "what the L2 wrote at 0x10000 is not there");
}

Test(l2_vm, is_made_anew_after_a_failure)
{
	struct live_l2 l2;
	struct answer answer = ANSWER_INIT;
	cr_assert_eq(live_l2_init(&l2, 500, NULL), 0);
	expect_right(&l2, L2_ANY_CPU, L2_REAL_MODE);
	memcpy(l2.vm->low + L2_CODE, "\xeb\xfe", 2);
	live_l2_ask(&l2, L2_ANY_CPU, L2_REAL_MODE, &answer);
	cr_assert_eq(answer.status, STATUS_FAILED);
	cr_assert_eq(answer.number_count, L2_NUMBERS, "what is known is told");
	cr_assert_null(l2.vm);
	expect_right(&l2, L2_ANY_CPU, L2_REAL_MODE);
	live_l2_free(&l2);
}

/* What stands at /dev/kvm in a mount namespace of the test's own. */
static void replace_kvm(const char *by, const char *type)
{
	if (access("/dev/kvm", F_OK) < 0)
		cr_skip("no /dev/kvm to put something over");
	if (unshare(CLONE_NEWNS) < 0)
		cr_skip("needs root to mount over /dev/kvm: %s", strerror(errno));
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount(by, strcmp(type, "bind") == 0 ? "/dev/kvm" : "/dev", type,
	                   strcmp(type, "bind") == 0 ? MS_BIND : 0, NULL),
	             0, "%s", strerror(errno));
}

static void expect_kvm(enum status status, int sys_errno)
{
	struct answer kvm = ANSWER_INIT, answer = ANSWER_INIT;
	struct live_l2 l2;
	live_kvm_ask(&kvm);
	cr_assert_eq(kvm.status, status, "%s", kvm.why);
	cr_assert_eq(kvm.sys_errno, sys_errno, "%s", kvm.why);
	cr_assert_eq(live_l2_init(&l2, 0, NULL), 0);
	live_l2_ask(&l2, L2_ANY_CPU, L2_REAL_MODE, &answer);
	cr_assert_eq(answer.status, status, "%s", answer.why);
	cr_assert_null(l2.vm);
	live_l2_free(&l2);
}

Test(live_kvm, answers_the_api_version)
{
	need_kvm();
	struct answer answer = ANSWER_INIT;
	live_kvm_ask(&answer);
	cr_assert_eq(answer.status, STATUS_OBSERVED, "%s", answer.why);
	cr_assert_eq(answer.numbers[0], KVM_API_VERSION);
}

Test(live_kvm, is_absent_without_the_device)
{
	replace_kvm("none", "tmpfs");
	expect_kvm(STATUS_ABSENT, ENOENT);
}

Test(live_kvm, is_a_directory)
{
	replace_kvm("none", "tmpfs");
	cr_assert_eq(mkdir("/dev/kvm", 0755), 0);
	expect_kvm(STATUS_FAILED, EISDIR);
}

Test(live_kvm, is_another_device)
{
	replace_kvm("/dev/null", "bind");
	expect_kvm(STATUS_FAILED, ENOTTY);
}

Test(live_kvm, is_denied_to_an_ordinary_user)
{
	if (geteuid() == 0 && access("/dev/kvm", F_OK) == 0) {
		cr_assert_eq(setgid(65534), 0);
		cr_assert_eq(setuid(65534), 0);
	}
	if (access("/dev/kvm", F_OK) < 0 || access("/dev/kvm", R_OK | W_OK) == 0)
		cr_skip("/dev/kvm is not there, or is everybody's here");
	expect_kvm(STATUS_DENIED, EACCES);
}
