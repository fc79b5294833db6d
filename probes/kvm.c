/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is there KVM here, and by which of its modules?  What they say about themselves. */
#define _GNU_SOURCE 1 /* memrchr */
#include <stdio.h>
#include <string.h>

#include "probes/leaves.h"
#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"

/* What KVM can be served by; never by more than one of them at a time. */
static const struct backend {
	const char *name; /* in /sys/module */
	const char *file; /* in /lib/modules, without what compression appends */
	const char *slat; /* its parameter for second-level paging; NULL: it has none */
} backends[] = {
	{ "kvm_intel", "kvm-intel.ko", "ept" },
	{ "kvm_amd", "kvm-amd.ko", "npt" },
	{ "kvm_pvm", "kvm-pvm.ko", NULL }, /* needs no VMX or SVM */
};

enum { INTEL, AMD, PVM, BACKENDS };

/* What was found in /sys/module. */
struct found {
	const struct backend *active;  /* NULL: none */
	const struct backend *present; /* there, though it may serve nothing; NULL: none */
	struct answer problem;         /* without an active one: why */
};

static bool has_line(const char *text, const char *wanted)
{
	struct line line;
	while (lines_next(&text, &line))
		if (line_is(&line, wanted))
			return true;
	return false;
}

/* Whether the module is for this make of CPU; true where the make is not known. */
static bool fits_vendor(struct machine *machine, const struct backend *backend)
{
	char vendor[13];
	leaves_vendor(&(struct leaves){ .machine = machine }, vendor);
	bool amd = strcmp(vendor, "AuthenticAMD") == 0 || strcmp(vendor, "HygonGenuine") == 0;
	if (vendor[0] == '\0' || backend == &backends[PVM])
		return true;
	return amd == (backend == &backends[AMD]);
}

/* False only when CPUID says that the extension is not there which the module needs. */
static bool has_extension(struct machine *machine, const struct backend *backend)
{
	struct virtualization cpu;
	if (backend == &backends[PVM])
		return true;
	leaves_virtualization(&(struct leaves){ .machine = machine }, 0, &cpu);
	if (cpu.status != STATUS_OBSERVED)
		return true;
	return backend == &backends[INTEL] ? cpu.vmx : cpu.svm;
}

/*
 * A module that was loaded has found its CPU, or it would not be there.  One
 * that is built in stands in /sys/module, with the defaults of its parameters,
 * even where it found nothing to drive (kernel/params.c, param_sysfs_builtin).
 */
static bool is_active(struct machine *machine, const struct backend *backend,
                      const struct answer *directory, const struct answer *device)
{
	if (has_line(directory->text, "initstate"))
		return true;
	return device->status != STATUS_ABSENT && has_extension(machine, backend);
}

static void find_backend(struct machine *machine, const struct answer *device, struct found *found)
{
	answer_set_status(&found->problem, STATUS_ABSENT, "no KVM module is at work");
	for (size_t i = 0; i < BACKENDS && found->active == NULL; i++) {
		char path[64];
		cleanup_answer struct answer directory = ANSWER_INIT;
		snprintf(path, sizeof path, "/sys/module/%s", backends[i].name);
		if (machine_list_dir(machine, path, &directory) == STATUS_OBSERVED) {
			if (fits_vendor(machine, &backends[i]))
				found->present = &backends[i];
			if (is_active(machine, &backends[i], &directory, device))
				found->active = &backends[i];
		} else if (directory.status != STATUS_ABSENT) {
			answer_copy(&found->problem, &directory);
		}
	}
}

static void emit_device(const struct probe_run *run, const struct answer *device)
{
	if (device->status == STATUS_OBSERVED)
		fact_bool(run->facts, "kvm.device", true, "/dev/kvm");
	else
		relay_none(run->facts, "kvm.device", device, "/dev/kvm");
	if (device->status == STATUS_OBSERVED)
		fact_int(run->facts, "kvm.api-version", (int64_t)device->numbers[0],
		         "KVM_GET_API_VERSION");
	else
		relay_none(run->facts, "kvm.api-version", device, "KVM_GET_API_VERSION");
}

static void emit_backend(const struct probe_run *run, const struct found *found)
{
	char source[64];
	if (found->active == NULL) {
		relay_none(run->facts, "kvm.backend", &found->problem, "/sys/module");
		return;
	}
	snprintf(source, sizeof source, "/sys/module/%s", found->active->name);
	fact_text(run->facts, "kvm.backend", found->active->name, source);
}

/* Module parameters are Y or N as bool, 1 or 0 as int (kernel/params.c). */
static void emit_switch(struct fact_sink *facts, const char *key, const struct answer *answer,
                        const char *path)
{
	const char *text = answer->text == NULL ? "" : answer->text;
	bool yes = text[0] == 'Y' || text[0] == '1';
	bool no = text[0] == 'N' || text[0] == '0';
	if (answer->status != STATUS_OBSERVED)
		relay_none(facts, key, answer, path);
	else if ((yes || no) && (text[1] == '\n' || text[1] == '\0'))
		fact_bool(facts, key, yes, path);
	else
		fact_none(facts, key, STATUS_FAILED, "neither yes nor no", path);
}

/* `name` NULL: the back end has no such parameter. */
static void emit_parameter(const struct probe_run *run, const char *key, const struct found *found,
                           const char *name)
{
	char text[128];
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (found->active == NULL) {
		relay_none(run->facts, key, &found->problem, "/sys/module");
		return;
	}
	if (name == NULL) {
		snprintf(text, sizeof text, "%s has no such parameter", found->active->name);
		fact_none(run->facts, key, STATUS_ABSENT, text, "/sys/module");
		return;
	}
	snprintf(text, sizeof text, "/sys/module/%s/parameters/%s", found->active->name, name);
	machine_read_file(run->machine, text, &answer);
	emit_switch(run->facts, key, &answer, text);
}

static void emit_parameters(const struct probe_run *run, const struct found *found)
{
	bool intel = found->active == &backends[INTEL];
	bool hardware = found->active != NULL && found->active->slat != NULL;
	emit_parameter(run, "kvm.slat", found, hardware ? found->active->slat : NULL);
	emit_parameter(run, "kvm.unrestricted-guest", found, intel ? "unrestricted_guest" : NULL);
	emit_parameter(run, "kvm.nested-for-l3", found, hardware ? "nested" : NULL);
}

/* Whether a line of modules.builtin or modules.dep begins with the path of such a module. */
static bool lists_module(const struct line *line, const char *file)
{
	const char *end = memchr(line->start, ':', line->length);
	size_t length = end == NULL ? line->length : (size_t)(end - line->start);
	const char *slash = memrchr(line->start, '/', length);
	const char *name = slash == NULL ? line->start : slash + 1;
	size_t name_length = length - (size_t)(name - line->start);
	return name_length >= strlen(file) && memcmp(name, file, strlen(file)) == 0;
}

static bool lists_fitting_module(struct machine *machine, const char *text)
{
	struct line line;
	while (lines_next(&text, &line))
		for (size_t i = 0; i < BACKENDS; i++)
			if (lists_module(&line, backends[i].file) &&
			    fits_vendor(machine, &backends[i]))
				return true;
	return false;
}

/*
 * Looks for a module in the lists of those that this kernel has, built in and
 * as files.  True, and `path` is the list, when there is one; else `answer` is
 * the last list that could be read, or why none could.
 */
static bool find_listed(struct machine *machine, char *path, size_t size, struct answer *answer)
{
	static const char *const lists[] = { "modules.builtin", "modules.dep" };
	cleanup_answer struct answer uname = ANSWER_INIT;
	if (machine_uname(machine, &uname) != STATUS_OBSERVED) {
		snprintf(path, size, "uname");
		answer_copy(answer, &uname);
		return false;
	}
	struct line release = lines_release(uname.text);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		snprintf(path, size, "/lib/modules/%.*s/%s", (int)release.length, release.start,
		         lists[i]);
		if (machine_read_file(machine, path, answer) == STATUS_OBSERVED &&
		    lists_fitting_module(machine, answer->text))
			return true;
	}
	return false;
}

static void emit_available(const struct probe_run *run, const struct found *found)
{
	static const char key[] = "kvm.module-available";
	char path[192];
	cleanup_answer struct answer answer = ANSWER_INIT;
	const struct backend *there = found->active != NULL ? found->active : found->present;
	if (there != NULL) {
		snprintf(path, sizeof path, "/sys/module/%s", there->name);
		fact_bool(run->facts, key, true, path);
	} else if (find_listed(run->machine, path, sizeof path, &answer)) {
		fact_bool(run->facts, key, true, path);
	} else if (answer.status != STATUS_OBSERVED) {
		relay_none(run->facts, key, &answer, path);
	} else if (answer.truncated) {
		fact_none(run->facts, key, STATUS_FAILED, "the list is too long", path);
	} else {
		fact_bool(run->facts, key, false, path);
	}
}

static void run_kvm(const struct probe_run *run)
{
	cleanup_answer struct answer device = ANSWER_INIT;
	struct found found = { NULL, NULL, ANSWER_INIT };
	machine_kvm(run->machine, &device);
	find_backend(run->machine, &device, &found);
	emit_device(run, &device);
	emit_backend(run, &found);
	emit_parameters(run, &found);
	emit_available(run, &found);
	answer_clear(&found.problem);
}

static const struct fact_declaration facts[] = {
	{ "kvm.device", "/dev/kvm is there and may be opened" },
	{ "kvm.api-version", "of KVM's interface; 12 since 2007" },
	{ "kvm.backend", "the module that serves /dev/kvm: kvm_intel, kvm_amd or kvm_pvm" },
	{ "kvm.module-available",
	  "such a module is loaded, built in, or installed for this kernel" },
	{ "kvm.slat", "the module uses EPT or NPT (its parameter ept or npt)" },
	{ "kvm.unrestricted-guest", "kvm_intel runs real-mode code on the CPU itself" },
	{ "kvm.nested-for-l3", "the module's parameter nested: VMs within L2, nothing about L1" },
	{ NULL, NULL },
};

const struct probe probe_kvm = {
	.id = "kvm",
	.title = "KVM in this guest: device, module, parameters",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_kvm,
};
