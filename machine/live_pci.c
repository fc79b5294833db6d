/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI functions through libpci, by its sysfs method: identities and classes
 * come from the kernel's memory, no configuration register is read (which
 * would be a VM exit each) and no name is looked up.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "machine/libpci.h"
#include "machine/live.h"
#include "machine/sorted.h"

/*
 * libpci's error callback must not return, and gets no argument of ours; so
 * the way out of a scan is kept per thread, for as long as the scan lasts.
 */
struct scan {
	jmp_buf failed;
	char message[96];
};

static _Thread_local struct scan *current_scan;

static void __attribute__((noreturn, format(printf, 1, 2))) fail(char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(current_scan->message, sizeof current_scan->message, format, args);
	va_end(args);
	longjmp(current_scan->failed, 1);
}

static void __attribute__((format(printf, 1, 2))) ignore(char *format, ...)
{
	(void)format;
}

static int add_function(const struct libpci *libpci, struct pci_dev *function, struct sorted *lines)
{
	char line[64]; /* "0000:00:1f.2 0106 8086:2922 1af4:1100" */
	libpci->fill_info(function, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_SUBSYS);
	snprintf(line, sizeof line, "%04x:%02x:%02x.%d %04x %04x:%04x %04x:%04x",
	         (unsigned)function->domain, function->bus, function->dev, function->func,
	         function->device_class, function->vendor_id, function->device_id,
	         function->subsys_vendor_id, function->subsys_id);
	return sorted_add(lines, line);
}

/* 0; -1 when libpci failed, as the scan's message says; -ENOMEM. */
static int scan_functions(const struct libpci *libpci, struct scan *scan, struct pci_access *access,
                          struct sorted *lines)
{
	if (setjmp(scan->failed) != 0)
		return -1;
	libpci->init(access);
	libpci->scan_bus(access);
	for (struct pci_dev *function = access->devices; function != NULL;
	     function = function->next)
		if (add_function(libpci, function, lines) != 0)
			return -ENOMEM;
	return 0;
}

static void clean_up(const struct libpci *libpci, struct scan *scan, struct pci_access *access)
{
	if (setjmp(scan->failed) == 0)
		libpci->cleanup(access);
}

void live_pci_scan(const char *sysfs, struct answer *answer)
{
	if (access(sysfs, F_OK) != 0) {
		answer_set_errno(answer, errno, sysfs);
		return;
	}
	struct libpci libpci;
	if (!libpci_load(&libpci, answer))
		return;
	struct scan scan = { .message = "" };
	cleanup_sorted struct sorted lines = SORTED_INIT;
	struct pci_access *pci = libpci.alloc();
	pci->method = PCI_ACCESS_SYS_BUS_PCI;
	pci->error = fail;
	pci->warning = ignore;
	pci->debug = ignore;
	current_scan = &scan;
	libpci.set_param(pci, (char *)"sysfs.path", (char *)(uintptr_t)sysfs); /* copies */
	int failed = scan_functions(&libpci, &scan, pci, &lines);
	clean_up(&libpci, &scan, pci);
	current_scan = NULL;
	if (failed == 0)
		sorted_answer(&lines, answer);
	else if (failed == -ENOMEM)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
	else
		answer_set_status(answer, STATUS_FAILED, "libpci: %s", scan.message);
}

void live_pci(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	live_pci_scan("/sys/bus/pci", answer);
}
