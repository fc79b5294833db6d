/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which balloon driver is bound. */
#include "probes/balloon.h"

#include <stdio.h>
#include <string.h>

#include "probes/hypervisor.h"
#include "probes/lines.h"

/*
 * Each driver is looked for only under the hypervisor that it is for.  A bus
 * lists a driver's bound devices among its files, by a name that begins like
 * this: "virtio0", or a GUID ("525074dc-8985-46e2-..."), which begins with a
 * digit.  NULL: that the directory is there is enough.
 */
static const struct driver {
	const char *name;
	const char *signature; /* NULL: on any platform */
	const char *directory;
	const char *device;
} drivers[] = {
	{ "virtio_balloon", NULL, "/sys/bus/virtio/drivers/virtio_balloon", "virtio" },
	{ "hv_balloon", "Microsoft Hv", "/sys/bus/vmbus/drivers/hv_balloon", "" },
	{ "vmw_balloon", "VMwareVMware", "/sys/module/vmw_balloon", NULL },
	{ "xen-balloon", "XenVMMXenVMM", "/sys/devices/system/xen_memory", NULL },
};

#define GUID_LENGTH 36

/* Whether such a directory of a driver lists a device. */
static bool lists_device(const char *names, const char *prefix)
{
	struct line line;
	size_t length = strlen(prefix);
	while (lines_next(&names, &line)) {
		if (length == 0 && line.length == GUID_LENGTH && line.start[8] == '-')
			return true;
		if (length > 0 && line.length > length && memcmp(line.start, prefix, length) == 0 &&
		    line.start[length] >= '0' && line.start[length] <= '9')
			return true;
	}
	return false;
}

/* `observed` when the driver is bound, `absent` when not, else what stood in the way. */
static enum status ask_driver(struct machine *machine, const struct driver *driver,
                              struct answer *answer)
{
	if (driver->signature != NULL && !hypervisor_present(machine, driver->signature))
		return STATUS_ABSENT;
	enum status status = machine_list_dir(machine, driver->directory, answer);
	if (status == STATUS_OBSERVED && driver->device != NULL &&
	    !lists_device(answer->text, driver->device))
		return STATUS_ABSENT;
	return status;
}

static void emit_bound(const struct probe_run *run, const struct driver *driver, uint64_t ballooned)
{
	char why[112];
	fact_text(run->facts, "memory.balloon", driver->name, driver->directory);
	if (ballooned > 0) {
		fact_int(run->facts, "memory.ballooned", (int64_t)ballooned,
		         "/proc/meminfo Balloon");
		fact_bool(run->facts, "memory.dynamic", true, "/proc/meminfo Balloon");
		return;
	}
	fact_none(run->facts, "memory.ballooned", STATUS_ABSENT, "nothing is seen to be away",
	          "/proc/meminfo Balloon");
	snprintf(why, sizeof why, "%s is bound; whether the platform uses it cannot be seen",
	         driver->name);
	fact_none(run->facts, "memory.dynamic", STATUS_SKIPPED, why, driver->directory);
}

void balloon_emit(const struct probe_run *run, uint64_t ballooned)
{
	static const char source[] = "/sys, drivers of balloons";
	struct answer answer = ANSWER_INIT;
	enum status status = STATUS_ABSENT;
	for (size_t i = 0; i < sizeof drivers / sizeof *drivers && status == STATUS_ABSENT; i++) {
		status = ask_driver(run->machine, &drivers[i], &answer);
		if (status == STATUS_OBSERVED)
			emit_bound(run, &drivers[i], ballooned);
	}
	if (status == STATUS_ABSENT) {
		fact_none(run->facts, "memory.balloon", STATUS_ABSENT, "no driver is bound",
		          source);
		fact_none(run->facts, "memory.ballooned", STATUS_ABSENT, "no driver is bound",
		          source);
		fact_bool(run->facts, "memory.dynamic", false, source);
	} else if (status != STATUS_OBSERVED) {
		fact_none(run->facts, "memory.balloon", status, answer.why, source);
		fact_none(run->facts, "memory.ballooned", status, answer.why, source);
		fact_none(run->facts, "memory.dynamic", status, answer.why, source);
	}
	answer_clear(&answer);
}
