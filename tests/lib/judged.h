/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shipped targets judged over made-up machines: the facts of some machines,
 * and what is expected of one judgment.  One machine at a time, in a test that
 * begins with judged_begin and ends with judged_end.
 */
#ifndef NESTREADY_TESTS_LIB_JUDGED_H
#define NESTREADY_TESTS_LIB_JUDGED_H

#include "report/report.h"

#define STR(...) #__VA_ARGS__

/* Facts as JSON (see made_facts.h); each but the first changes what is there already. */
extern const char machine_intel[]; /* A KVM guest under libvirt with VMX and EPT, kvm_intel loaded,
                                      seen by root; 16 GiB */
extern const char machine_amd[];   /* What changes on AMD */
extern const char machine_pvm[];   /* A microVM of Firecracker with no flag at all whose kernel runs
                                      VMs through kvm_pvm */
extern const char machine_hidden[];   /* What an extension that is hidden leaves */
extern const char machine_ordinary[]; /* What an ordinary user is refused */
extern const char machine_passive[];  /* The L2 was not run */
extern const char
        machine_esxi_devices[]; /* ESXi's own devices, or those with which ESXi runs on KVM */

extern struct report judged_report;

void judged_begin(void); /* with machine_intel */
void judged_end(void);

/* Adds to, or changes, the facts. */
void with(const char *facts);

const struct judgment *judged(const char *target);

/* Of the last judgment; the test fails when it has no such finding. */
const struct finding *judged_finding(const char *id);

void expect_verdict(const char *target, enum verdict verdict, enum basis basis);
void expect(const char *id, enum outcome outcome);
void expect_fail(const char *id, const char *gap);
bool not_proven(const char *group);

#endif
