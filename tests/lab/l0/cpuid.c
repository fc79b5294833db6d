/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID; Intel SDM volume 2 and AMD APM volume 3 name the bits. */
#include "tests/lab/l0/cpuid.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#define HYPERVISOR_LEAVES 0x40000000u
#define TIMING_LEAF       0x40000010u
#define LEAVES_MAX        128

/* CPUID.1:ECX.  KVM leaves both to us: api.rst, KVM_GET_SUPPORTED_CPUID. */
#define ECX_TSC_DEADLINE (1u << 24)
#define ECX_HYPERVISOR   (1u << 31)

struct leaves {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[LEAVES_MAX];
};

/* Where a feature is: one bit of one register. */
static const struct {
	const char *name;
	uint32_t leaf;
	size_t reg;
	uint32_t bit;
} features[CPUID_FEATURES] = {
	[CPUID_VMX] = { "vmx", 1, offsetof(struct kvm_cpuid_entry2, ecx), 1u << 5 },
	[CPUID_SVM] = { "svm", 0x80000001, offsetof(struct kvm_cpuid_entry2, ecx), 1u << 2 },
	[CPUID_NPT] = { "npt", 0x8000000a, offsetof(struct kvm_cpuid_entry2, edx), 1u << 0 },
};

int cpuid_feature(const char *name)
{
	for (int i = 0; i < CPUID_FEATURES; i++)
		if (strcmp(features[i].name, name) == 0)
			return i;
	return -1;
}

static void add(struct leaves *leaves, const struct identity_leaf *leaf)
{
	if (leaves->head.nent < LEAVES_MAX)
		leaves->entries[leaves->head.nent++] = (struct kvm_cpuid_entry2){
			.function = leaf->leaf,
			.eax = leaf->eax,
			.ebx = leaf->ebx,
			.ecx = leaf->ecx,
			.edx = leaf->edx,
		};
}

static void drop_hypervisor_leaves(struct leaves *leaves)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < leaves->head.nent; i++)
		if (leaves->entries[i].function >> 16 != HYPERVISOR_LEAVES >> 16)
			leaves->entries[kept++] = leaves->entries[i];
	leaves->head.nent = kept;
}

static void add_identity(struct leaves *leaves, const struct identity *identity, uint32_t tsc_khz)
{
	struct identity_leaf first = { HYPERVISOR_LEAVES, .eax = identity->last_leaf };
	memcpy(&first.ebx, identity->signature, 4);
	memcpy(&first.ecx, identity->signature + 4, 4);
	memcpy(&first.edx, identity->signature + 8, 4);
	add(leaves, &first);
	for (size_t i = 0; i < IDENTITY_LEAVES && identity->leaves[i].leaf != 0; i++)
		add(leaves, &identity->leaves[i]);
	if (identity->timing_leaf)
		add(leaves, &(struct identity_leaf){ TIMING_LEAF, .eax = tsc_khz,
		                                     .ebx = VM_APIC_HZ / 1000 });
}

/* Hides features; without SVM all of its leaf goes, as on a CPU that has none. */
static void change(struct kvm_cpuid_entry2 *entry, unsigned hidden)
{
	for (int i = 0; i < CPUID_FEATURES; i++)
		if ((hidden & 1u << i) != 0 && features[i].leaf == entry->function)
			*(uint32_t *)(void *)((char *)entry + features[i].reg) &= ~features[i].bit;
	if ((hidden & 1u << CPUID_SVM) != 0 && entry->function == 0x8000000a)
		*entry = (struct kvm_cpuid_entry2){ .function = entry->function };
	if (entry->function == 1)
		entry->ecx |= ECX_TSC_DEADLINE | ECX_HYPERVISOR;
}

int cpuid_give(const struct vm *vm, const struct identity *identity, unsigned hidden,
               struct error *err)
{
	struct leaves leaves = { .head.nent = LEAVES_MAX };
	if (ioctl(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, &leaves) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "KVM_GET_SUPPORTED_CPUID");
	if (identity->signature != NULL) {
		drop_hypervisor_leaves(&leaves);
		add_identity(&leaves, identity, vm->tsc_khz);
	}
	for (uint32_t i = 0; i < leaves.head.nent; i++)
		change(&leaves.entries[i], hidden);
	if (ioctl(vm->vcpu_fd, KVM_SET_CPUID2, &leaves) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "KVM_SET_CPUID2");
	return 0;
}
