/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine port: everything that a probe may ask goes through here, as one
 * question with one answer, so that a recording can stand in for a machine,
 * and so that nothing is asked twice.
 *
 * A question has a key, a stable line of text ("file /proc/cpuinfo",
 * "cpuid 0 0x00000001 0x00000000"); an answer is a status, up to eight numbers
 * and a piece of text.  Adapters need to know no more than that, apart from
 * the live one:
 *
 *   live      asks this machine
 *   recorder  a decorator: asks each question once, remembers, tells a listener
 *   snapshot  answers from a recording
 *   fault     (tests) makes the n-th question fail or wait
 */
#ifndef NESTREADY_MACHINE_MACHINE_H
#define NESTREADY_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/status.h"

/* What can be asked.  The comment gives the arguments, then the answer. */
enum question_kind {
	QUESTION_FILE,  /* path | text: the bytes, at most MACHINE_FILE_LIMIT of them */
	QUESTION_DIR,   /* path | text: the names, sorted, a line each ("" when empty) */
	QUESTION_LINK,  /* path | text: where the link points */
	QUESTION_DISK,  /* path | numbers: bytes free to anyone, bytes in all */
	QUESTION_UNAME, /* - | text: sysname, release, version, machine, a line each */
	QUESTION_CPUID, /* cpu, leaf, subleaf | numbers: EAX, EBX, ECX, EDX */
	QUESTION_MSR,   /* cpu, index | numbers: the register */
	QUESTION_PCI, /* - | text: "SLOT CLASS VENDOR:DEVICE SUBVENDOR:SUBDEVICE", hex, a line each
	               */
	QUESTION_KVM, /* - | numbers: KVM_GET_API_VERSION; opening /dev/kvm gives the status */
	QUESTION_L2,  /* cpu, enum l2_stage | numbers: see enum l2_number; runs a VM */
	QUESTION_BACKDOOR, /* command | numbers: EAX, EBX, ECX, EDX; only after CPUID says VMware */
	/*
	 * A probe's id as path | numbers: 1 when an earlier boot was lost to it,
	 * else 0.  Only who leaves the marks can tell, and notes it in recordings.
	 */
	QUESTION_LOST,
	QUESTION_STAT,   /* path | numbers: see enum stat_number; follows links */
	QUESTION_CALLER, /* - | text: who called; see machine_caller */
	QUESTION_LOG,    /* - | text: lines of the kernel's log on KVM, VMX and SVM, the first 40 */
	QUESTION_NICS,   /* - | text: the network interfaces, see machine/nics.h */
	/*
	 * "NIC FAMILY" as path, FAMILY ipv4 or ipv6, or "NIC to NIC" or "NIC tag NIC" | text: see
	 * machine/mac.h and, for two interfaces, machine/mac_pair.h.  Sends frames, which
	 * the machine must have been allowed (struct live_options).
	 */
	QUESTION_MAC,
};

#define QUESTION_KINDS 17

/* Meaning of the numbers of a QUESTION_STAT answer. */
enum stat_number {
	STAT_MODE, /* st_mode */
	STAT_OWNER,
	STAT_GROUP,
	STAT_ACL, /* 1 when an access list says more than the mode, else 0 */
};

#define STAT_NUMBERS 4

/* What an L2 is made to do, in this order, in one VM that lives across the stages. */
enum l2_stage {
	L2_REAL_MODE,    /* 16-bit code transforms a nonce and reports it through a port */
	L2_LONG_MODE,    /* 64-bit code behind page tables does the same */
	L2_NESTED_FAULT, /* 64-bit code touches guest-physical memory that has to be faulted in */
	L2_EXIT_COST,    /* many exits in a row, for the median time of one */
};

#define L2_STAGES 4

/* L2_ANY_CPU lets the kernel choose where the vCPU thread runs. */
#define L2_ANY_CPU UINT32_MAX

/* Meaning of the numbers of a QUESTION_L2 answer; all are there whenever the VM was entered. */
enum l2_number {
	L2_NONCE,           /* what was given to the code in the L2 */
	L2_RESULT,          /* what it gave back: must be l2_transform(stage, nonce) */
	L2_EXIT_REASON,     /* KVM_EXIT_* of the last exit */
	L2_HARDWARE_REASON, /* hardware_entry_failure_reason of a failed entry, else 0 */
	L2_NANOSECONDS,     /* of the stage; for L2_EXIT_COST the median of one exit */
	L2_EXITS,           /* exits that were counted */
};

#define L2_NUMBERS 6

/* What honest L2 code makes of a nonce.  The probe computes it too, and compares. */
uint64_t l2_transform(enum l2_stage stage, uint64_t nonce);

const char *l2_stage_name(enum l2_stage stage);

/* A file longer than this is cut, and the answer says so (`truncated`). */
#define MACHINE_FILE_LIMIT ((size_t)4 << 20)

struct question {
	enum question_kind kind;
	const char *path;     /* FILE, DIR, LINK, DISK, STAT: absolute; LOST, MAC; else NULL */
	uint32_t argument[3]; /* in the order given above; unused ones are 0 */
};

#define ANSWER_NUMBERS 8

struct answer {
	enum status status;
	int sys_errno; /* 0 unless a system call said why */
	char why[112]; /* one line when there is no value, "" otherwise */
	uint64_t numbers[ANSWER_NUMBERS];
	size_t number_count;
	char *text; /* owned; NUL after `length` bytes; NULL when none */
	size_t length;
	bool truncated; /* the text was cut at MACHINE_FILE_LIMIT */
};

#define ANSWER_INIT                                                                                \
	{                                                                                          \
		.status = STATUS_SKIPPED                                                           \
	}

void answer_clear(struct answer *answer);

/* Copies deeply.  On lack of memory `to` becomes `failed`, why "out of memory". */
void answer_copy(struct answer *to, const struct answer *from);

/* Makes the answer one without a value; the errno's text is put into `why`. */
void answer_set_errno(struct answer *answer, int sys_errno, const char *what);
void answer_set_status(struct answer *answer, enum status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void answer_set_numbers(struct answer *answer, const uint64_t *numbers, size_t count);

/* Takes a copy of the bytes.  On lack of memory the answer becomes `failed`. */
void answer_set_text(struct answer *answer, const void *bytes, size_t length);

#define cleanup_answer __attribute__((cleanup(answer_clear)))

struct machine;

struct machine_ops {
	/*
	 * Answers one question; `answer` comes cleared.  May be called from
	 * several threads at once.  Never fails: failure is an answer.
	 */
	void (*ask)(struct machine *machine, const struct question *question,
	            struct answer *answer);
	void (*close)(struct machine *machine);
};

/* Adapters embed this as their first member. */
struct machine {
	const struct machine_ops *ops;
};

void machine_ask(struct machine *machine, const struct question *question, struct answer *answer);
void machine_close(struct machine *machine); /* NULL is fine */

/* The typed questions; each returns answer->status. */
enum status machine_read_file(struct machine *machine, const char *path, struct answer *answer);
enum status machine_list_dir(struct machine *machine, const char *path, struct answer *answer);
enum status machine_read_link(struct machine *machine, const char *path, struct answer *answer);
enum status machine_disk(struct machine *machine, const char *path, struct answer *answer);
enum status machine_uname(struct machine *machine, struct answer *answer);
enum status machine_cpuid(struct machine *machine, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                          struct answer *answer);
enum status machine_rdmsr(struct machine *machine, uint32_t cpu, uint32_t index,
                          struct answer *answer);
enum status machine_pci(struct machine *machine, struct answer *answer);
enum status machine_kvm(struct machine *machine, struct answer *answer);
enum status machine_l2(struct machine *machine, uint32_t cpu, enum l2_stage stage,
                       struct answer *answer);
enum status machine_backdoor(struct machine *machine, uint32_t command, struct answer *answer);
enum status machine_lost(struct machine *machine, const char *probe, struct answer *answer);
enum status machine_stat(struct machine *machine, const char *path, struct answer *answer);

/*
 * Who asks, a line each: "uid N"; "gids N N ..."; and where root runs for
 * somebody else, "name NAME" and "through sudo".
 */
enum status machine_caller(struct machine *machine, struct answer *answer);
enum status machine_log(struct machine *machine, struct answer *answer);
enum status machine_nics(struct machine *machine, struct answer *answer);
enum status machine_mac(struct machine *machine, const char *nic, bool ipv6, struct answer *answer);
enum status machine_mac_pair(struct machine *machine, const char *nic, const char *other,
                             bool tagged, struct answer *answer);

/* Room for any key: the longest is a FILE with a path of PATH_MAX. */
#define QUESTION_KEY_MAX 4200

/* Writes the key of a question.  Returns its length; cut to `size` like snprintf. */
size_t question_key(const struct question *question, char *key, size_t size);

/* The kind that a key begins with.  False when it is of no kind that we know. */
bool question_kind_of_key(const char *key, enum question_kind *kind);

/*
 * Whether the answer carries what its kind promises: text or so many numbers
 * when observed; otherwise nothing, or all its numbers.  Adapters give no
 * other answers, so that probes need not check.
 */
bool answer_fits(enum question_kind kind, const struct answer *answer);

#endif
