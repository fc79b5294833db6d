/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One listing first, then only the files that it lists: no DMI is an ordinary
 * answer (WSL2, Firecracker) and costs one question.
 */
#include "probes/dmi.h"

#include <stdio.h>
#include <string.h>

#include "probes/lines.h"
#include "probes/relay.h"

#define DMI_DIR "/sys/class/dmi/id"

static const struct id {
	const char *file;
	const char *key;
} ids[] = {
	{ "sys_vendor", "dmi.sys-vendor" },
	{ "product_name", "dmi.product-name" },
	{ "product_version", "dmi.product-version" },
	{ "board_vendor", "dmi.board-vendor" },
	{ "bios_vendor", "dmi.bios-vendor" },
	{ "bios_version", "dmi.bios-version" },
	{ "chassis_asset_tag", "dmi.chassis-asset-tag" },
	{ "product_uuid", "dmi.product-uuid" },
};

static bool lists(const char *names, const char *name)
{
	struct line line;
	while (lines_next(&names, &line))
		if (line_is(&line, name))
			return true;
	return false;
}

static void emit_id(const struct probe_run *run, const struct id *id, const struct answer *listing)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	char path[64];
	snprintf(path, sizeof path, DMI_DIR "/%s", id->file);
	if (listing->status != STATUS_OBSERVED) {
		relay_none(run->facts, id->key, listing, DMI_DIR);
	} else if (!lists(listing->text, id->file)) {
		fact_none(run->facts, id->key, STATUS_ABSENT, "not in the tables", DMI_DIR);
	} else {
		machine_read_file(run->machine, path, &answer);
		relay_line(run->facts, id->key, &answer, path);
	}
}

/*
 * SMBIOS type 0, BIOS Characteristics Extension Byte 2 (offset 0x13), bit 4:
 * "the SMBIOS table describes a virtual machine" (SMBIOS specification 7.1.2.2).
 * Set means yes; clear means little, since old SeaBIOS never sets it.
 */
static void emit_virtual_bit(const struct probe_run *run, const struct answer *listing,
                             bool nameless)
{
	static const char key[] = "dmi.virtual-machine";
	static const char path[] = "/sys/firmware/dmi/entries/0-0/raw";
	enum { OFFSET_LENGTH = 0x01, OFFSET_EXTENSION_2 = 0x13, VIRTUAL_MACHINE = 1 << 4 };
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (listing->status != STATUS_OBSERVED)
		answer_copy(&answer, listing);
	else if (!nameless)
		answer_set_status(&answer, STATUS_SKIPPED, "CPUID names the hypervisor");
	else if (machine_read_file(run->machine, path, &answer) == STATUS_ABSENT)
		answer_set_status(&answer, STATUS_SKIPPED, "this kernel does not show the entry");
	if (answer.status != STATUS_OBSERVED)
		relay_none(run->facts, key, &answer, path);
	else if (answer.length <= OFFSET_EXTENSION_2 ||
	         (unsigned char)answer.text[OFFSET_LENGTH] <= OFFSET_EXTENSION_2)
		fact_none(run->facts, key, STATUS_ABSENT, "the table is too old to say", path);
	else
		fact_bool(run->facts, key, (answer.text[OFFSET_EXTENSION_2] & VIRTUAL_MACHINE) != 0,
		          path);
}

/* The maker's mark in the head of every ACPI table (ACPI specification 5.2.6). */
static void emit_acpi_oem(const struct probe_run *run, bool wanted)
{
	static const char key[] = "acpi.oem-id";
	static const char path[] = "/sys/firmware/acpi/tables/FACP";
	enum { OFFSET_OEM_ID = 10, OEM_ID_SIZE = 6, HEADER_SIZE = 36 };
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (!wanted) {
		fact_none(run->facts, key, STATUS_SKIPPED, "DMI is there", path);
	} else if (machine_read_file(run->machine, path, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, key, &answer, path);
	} else if (answer.length < HEADER_SIZE) {
		fact_none(run->facts, key, STATUS_FAILED, "shorter than an ACPI header", path);
	} else {
		char oem[OEM_ID_SIZE + 1] = "";
		memcpy(oem, answer.text + OFFSET_OEM_ID, OEM_ID_SIZE);
		answer_set_text(&answer, oem, strlen(oem));
		relay_line(run->facts, key, &answer, path);
	}
}

void dmi_emit(const struct probe_run *run, bool nameless)
{
	cleanup_answer struct answer listing = ANSWER_INIT;
	enum status status = machine_list_dir(run->machine, DMI_DIR, &listing);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		emit_id(run, &ids[i], &listing);
	emit_virtual_bit(run, &listing, nameless);
	emit_acpi_oem(run, status == STATUS_ABSENT);
}
