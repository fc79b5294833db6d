/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Booting; "boot.rst" is Linux Documentation/x86/boot.rst. */
#include "tests/lab/l0/boot.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Guest memory below 640 KiB, all of it free when a kernel starts. */
#define GDT         0x1000u
#define BOOT_PARAMS 0x7000u
#define PML4        0x9000u
#define PDPT        0xa000u
#define PD          0xb000u
#define COMMAND     0x20000u
#define LOW_END     0x9f000u
#define HIGH_START  0x100000u

/* The file: a first sector that is not ours, the header in it, and "HdrS" (boot.rst). */
#define SECTOR           512u
#define HEADER           0x1f1u
#define HEADER_LENGTH    0x201u /* this byte + 0x202 is where the header ends */
#define HEADER_MAGIC     0x53726448u
#define ENTRY_64         0x200u
#define UNDEFINED_LOADER 0xff

/* Of a page table entry: present, writable, accessed, dirty; and "maps 2 MiB". */
#define PAGE_FLAGS    0x63ull
#define PAGE_LARGE    0x80ull
#define CR0_LONG      0x80000031ull /* PG, NE, ET, PE */
#define CR4_PAE       0x20ull
#define EFER_LONG     0x500ull /* LME, LMA */
#define CODE_64       0x00af9b000000ffffull
#define DATA          0x00cf93000000ffffull
#define CODE_SELECTOR 0x10 /* boot.rst names both */
#define DATA_SELECTOR 0x18

/* A file's bytes into `memory`, `room` at most; their number, or negative. */
static ssize_t read_at(int fd, uint64_t offset, void *memory, size_t room)
{
	size_t done = 0;
	while (done < room) {
		ssize_t count =
		        pread(fd, (char *)memory + done, room - done, (off_t)(offset + done));
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	return (ssize_t)done;
}

static int open_file(const char *path, size_t *size, struct error *err)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	*size = (size_t)status.st_size;
	return fd;
}

/* The kernel's header goes into the boot parameters, its protected-mode part to where it prefers.
 */
static int load_kernel(const struct vm *vm, const char *path, struct boot_params *params,
                       struct error *err)
{
	size_t size;
	uint8_t sector[2 * SECTOR];
	cleanup_fd int fd = open_file(path, &size, err);
	if (fd < 0)
		return -1;
	if (read_at(fd, 0, sector, sizeof sector) != (ssize_t)sizeof sector)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: too short", path);
	size_t length = sector[HEADER_LENGTH] + 0x202u - HEADER;
	if (length > sizeof params->hdr)
		length = sizeof params->hdr;
	memcpy(&params->hdr, sector + HEADER, length);
	struct setup_header *header = &params->hdr;
	if (header->header != HEADER_MAGIC || (header->xloadflags & XLF_KERNEL_64) == 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: no 64-bit bzImage", path);
	size_t skip = (header->setup_sects == 0 ? 5u : header->setup_sects + 1u) * SECTOR;
	uint64_t start = header->pref_address;
	if (start < HIGH_START || start + header->init_size > vm->memory_size || skip > size ||
	    size - skip > header->init_size)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: the guest is too small", path);
	if (read_at(fd, skip, vm->memory + start, size - skip) != (ssize_t)(size - skip))
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	return 0;
}

/* As high as it goes. */
static int load_initrd(const struct vm *vm, const char *path, struct boot_params *params,
                       struct error *err)
{
	size_t size;
	cleanup_fd int fd = open_file(path, &size, err);
	if (fd < 0)
		return -1;
	uint64_t kernel_end = params->hdr.pref_address + params->hdr.init_size;
	if (size > vm->memory_size - kernel_end)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: the guest is too small", path);
	uint64_t start = (vm->memory_size - size) & ~0xfffull;
	if (start < kernel_end || read_at(fd, 0, vm->memory + start, size) != (ssize_t)size)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	params->hdr.ramdisk_image = (uint32_t)start;
	params->hdr.ramdisk_size = (uint32_t)size;
	return 0;
}

static int write_command(const struct vm *vm, const char *command, struct boot_params *params,
                         struct error *err)
{
	if (strlen(command) > params->hdr.cmdline_size)
		return error_set(err, ERROR_USAGE, 0, "the kernel's command line is too long");
	strcpy((char *)vm->memory + COMMAND, command);
	params->hdr.cmd_line_ptr = COMMAND;
	params->hdr.type_of_loader = UNDEFINED_LOADER;
	return 0;
}

/* What is not in this map is no memory: 0xf0000 is the firmware's, where SMBIOS is. */
static void write_memory_map(const struct vm *vm, struct boot_params *params)
{
	const uint32_t usable = 1;
	params->e820_table[0] = (struct boot_e820_entry){ 0, LOW_END, usable };
	params->e820_table[1] =
	        (struct boot_e820_entry){ HIGH_START, vm->memory_size - HIGH_START, usable };
	params->e820_entries = 2;
}

/* Maps the first GiB to itself. */
static void write_page_tables(const struct vm *vm)
{
	uint64_t *pml4 = (uint64_t *)(void *)(vm->memory + PML4);
	uint64_t *pdpt = (uint64_t *)(void *)(vm->memory + PDPT);
	uint64_t *pd = (uint64_t *)(void *)(vm->memory + PD);
	pml4[0] = PDPT | PAGE_FLAGS;
	pdpt[0] = PD | PAGE_FLAGS;
	for (uint64_t i = 0; i < 512; i++)
		pd[i] = i << 21 | PAGE_FLAGS | PAGE_LARGE;
}

static struct kvm_segment segment(uint16_t selector, uint8_t type, bool code)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = !code,
		.s = 1,
		.l = code,
		.g = 1,
	};
}

static int start_vcpu(const struct vm *vm, uint64_t entry, struct error *err)
{
	struct kvm_sregs sregs;
	if (ioctl(vm->vcpu_fd, KVM_GET_SREGS, &sregs) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "KVM_GET_SREGS");
	uint64_t *gdt = (uint64_t *)(void *)(vm->memory + GDT);
	gdt[CODE_SELECTOR / 8] = CODE_64;
	gdt[DATA_SELECTOR / 8] = DATA;
	sregs.gdt.base = GDT;
	sregs.gdt.limit = 4 * sizeof *gdt - 1;
	sregs.cs = segment(CODE_SELECTOR, 11, true);
	sregs.ds = sregs.es = sregs.ss = sregs.fs = sregs.gs = segment(DATA_SELECTOR, 3, false);
	sregs.tr.type = 11; /* a 16-bit TSS, as after a reset, forbids long mode (APM 2, 14.6.2) */
	sregs.cr3 = PML4;
	sregs.cr4 = CR4_PAE;
	sregs.cr0 = CR0_LONG;
	sregs.efer = EFER_LONG;
	struct kvm_regs regs = { .rip = entry, .rsi = BOOT_PARAMS, .rflags = 2 };
	if (ioctl(vm->vcpu_fd, KVM_SET_SREGS, &sregs) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "KVM_SET_SREGS");
	if (ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "KVM_SET_REGS");
	return 0;
}

int boot_linux(const struct vm *vm, const char *kernel, const char *initrd, const char *command,
               struct error *err)
{
	struct boot_params *params = (struct boot_params *)(void *)(vm->memory + BOOT_PARAMS);
	if (load_kernel(vm, kernel, params, err) != 0 ||
	    load_initrd(vm, initrd, params, err) != 0 ||
	    write_command(vm, command, params, err) != 0)
		return -1;
	write_memory_map(vm, params);
	write_page_tables(vm);
	return start_vcpu(vm, params->hdr.pref_address + ENTRY_64, err);
}
