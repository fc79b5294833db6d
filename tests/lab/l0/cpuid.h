/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's CPUID says: all that KVM supports, less what is to be hidden, and a product. */
#ifndef NESTREADY_LAB_L0_CPUID_H
#define NESTREADY_LAB_L0_CPUID_H

#include "base/error.h"
#include "tests/lab/l0/identity.h"
#include "tests/lab/l0/vm.h"

/* Features that can be hidden from the guest, as one bit each. */
enum cpuid_feature { CPUID_VMX, CPUID_SVM, CPUID_NPT, CPUID_FEATURES };

/* The feature of that name; negative when there is none. */
int cpuid_feature(const char *name);

/* Gives the vCPU its CPUID; `hidden` is a set of 1 << feature.  0 or negative. */
int cpuid_give(const struct vm *vm, const struct identity *identity, unsigned hidden,
               struct error *err);

#endif
