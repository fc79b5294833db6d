/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine made up by a test, and what a test says about the facts that a
 * probe makes of it.  A probe test is a machine, a run and the expectations:
 *
 *   struct fake_machine *fake = fake_machine_new();
 *   fake_file(fake, "/proc/cpuinfo", "flags : vmx\n");
 *   struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
 *   expect_bool(facts, "cpuinfo.vmx", true);
 *   fact_set_free(facts);
 *   fake_machine_free(fake);
 *
 * The machine is a closed world: what the test did not say, nobody may ask.
 */
#ifndef NESTREADY_TESTS_LIB_FAKE_MACHINE_H
#define NESTREADY_TESTS_LIB_FAKE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"
#include "probes/probe.h"
#include "report/fact.h"

struct fake_machine;

struct fake_machine *fake_machine_new(void);
void fake_machine_free(struct fake_machine *fake);

/* Adds the answers of a snapshot file; the test fails when it is not valid. */
void fake_load(struct fake_machine *fake, const char *snapshot_file);

/* Each says what the machine answers to one question; a later word replaces an earlier one. */
void fake_file(struct fake_machine *fake, const char *path, const char *text);
void fake_file_bytes(struct fake_machine *fake, const char *path, const void *bytes, size_t length);
void fake_dir(struct fake_machine *fake, const char *path, const char *names); /* a line each */
void fake_link(struct fake_machine *fake, const char *path, const char *target);
void fake_disk(struct fake_machine *fake, const char *path, uint64_t available, uint64_t size);
void fake_uname(struct fake_machine *fake, const char *release); /* Linux, x86_64 */
void fake_log(struct fake_machine *fake, const char *lines);     /* the kernel's */
void fake_pci(struct fake_machine *fake, const char *lines);
void fake_cpuid(struct fake_machine *fake, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx);
void fake_msr(struct fake_machine *fake, uint32_t cpu, uint32_t index, uint64_t value);

/* Any question, by its key: so many numbers, each a uint64_t. */
void fake_numbers(struct fake_machine *fake, const char *key, size_t count, ...);

/* An answer without a value; sys_errno may be 0. */
void fake_status(struct fake_machine *fake, const char *key, enum status status, int sys_errno);

/* Any question, by its key: the answer as it stands in a snapshot.  ' may stand for ". */
void fake_json(struct fake_machine *fake, const char *key, const char *answer);

/* Lets questions that nobody recorded be `skipped: not recorded` without failing the test. */
void fake_open_world(struct fake_machine *fake);

struct machine *fake_machine(struct fake_machine *fake);

/* The first question that was asked and not recorded; NULL when there was none. */
const char *fake_missed(const struct fake_machine *fake);

/* How many questions were asked, repetitions included. */
size_t fake_asked(const struct fake_machine *fake);

/*
 * Runs a probe and gives its facts.  The test fails when the probe emits a
 * fact that it does not declare, or asks what was not recorded.
 * `settings` NULL means none set.
 */
struct fact_set *run_probe(const struct probe *probe, struct fake_machine *fake,
                           const struct probe_settings *settings);

/* The same on any machine, whatever it asks. */
struct fact_set *run_probe_on(const struct probe *probe, struct machine *machine,
                              const struct probe_settings *settings);

/* Each fails the test, saying what was found, unless the fact is there and so. */
void expect_bool(const struct fact_set *facts, const char *key, bool value);
void expect_int(const struct fact_set *facts, const char *key, int64_t value);
void expect_hex(const struct fact_set *facts, const char *key, uint64_t value);
void expect_text(const struct fact_set *facts, const char *key, const char *value);
void expect_source(const struct fact_set *facts, const char *key, const char *source);
void expect_status(const struct fact_set *facts, const char *key, enum status status);
void expect_no_fact(const struct fact_set *facts, const char *key);

/* `why` contains the words. */
void expect_why(const struct fact_set *facts, const char *key, const char *words);

/* Value, or list of exceptions, as JSON.  ' may stand for ". */
void expect_value(const struct fact_set *facts, const char *key, const char *json);
void expect_exceptions(const struct fact_set *facts, const char *key, const char *json);

/* JSON in which ' stands for "; a new reference.  The test fails when it is none. */
json_t *quoted_json(const char *text);

#endif
