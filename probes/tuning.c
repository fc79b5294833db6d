/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes VMs of this guest quicker, or lets them have devices: IOMMU, huge pages, clock. */
#include <stdio.h>
#include <string.h>

#include "probes/exists.h"
#include "probes/installed.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define TABLES     "/sys/firmware/acpi/tables/"
#define IOMMUS     "/sys/class/iommu"
#define HUGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"
#define CLOCK      "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static const struct fact_declaration facts[] = {
	{ "iommu.table", "text, the ACPI table of an IOMMU: DMAR, IVRS, VIOT; absent: none" },
	{ "iommu.active", "bool, the kernel uses it" },
	{ "memory.huge-pages", "text, transparent huge pages: always, madvise, never" },
	{ "clock.source", "text, what the kernel reads the time from" },
	{ NULL, NULL },
};

/* Intel's, AMD's, and virtio's (ACPI 6.4, 5.2.6). */
static const char *const tables[] = { TABLES "DMAR", TABLES "IVRS", TABLES "VIOT" };

static void emit_iommu(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	const char *table = exists_any(run->machine, tables, 3, &answer);
	if (table == NULL) {
		relay_none(run->facts, "iommu.table", &answer, TABLES);
		fact_none(run->facts, "iommu.active", answer.status, "no table of an IOMMU",
		          IOMMUS);
		return;
	}
	fact_text(run->facts, "iommu.table", table + strlen(TABLES), TABLES);
	if (machine_list_dir(run->machine, IOMMUS, &answer) == STATUS_OBSERVED)
		fact_bool(run->facts, "iommu.active", answer.length > 0, IOMMUS);
	else
		relay_presence(run->facts, "iommu.active", &answer, IOMMUS);
}

/* "always [madvise] never": the word in brackets (Documentation/admin-guide/mm/transhuge.rst). */
static void emit_huge_pages(const struct probe_run *run)
{
	char word[16] = "";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, HUGE_PAGES, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, "memory.huge-pages", &answer, HUGE_PAGES);
		return;
	}
	const char *bracket = strchr(answer.text, '[');
	if (bracket == NULL || sscanf(bracket, "[%15[a-z]]", word) != 1)
		fact_none(run->facts, "memory.huge-pages", STATUS_FAILED, "no word in brackets",
		          HUGE_PAGES);
	else
		fact_text(run->facts, "memory.huge-pages", word, HUGE_PAGES);
}

static void run_tuning(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (!installed_host_of_vms(run->machine)) {
		for (size_t i = 0; facts[i].key != NULL; i++)
			fact_none(run->facts, facts[i].key, STATUS_SKIPPED, INSTALLED_NO_HOST,
			          "/dev/kvm");
		return;
	}
	emit_iommu(run);
	emit_huge_pages(run);
	machine_read_file(run->machine, CLOCK, &answer);
	relay_line(run->facts, "clock.source", &answer, CLOCK);
}

const struct probe probe_tuning = {
	.id = "tuning",
	.title = "IOMMU, huge pages and clock of this guest",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_tuning,
};
