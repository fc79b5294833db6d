/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest seldom knows the name that its administrator knows it by; the UUID it does know. */
#include "report/ticket_vm.h"

#include <stdio.h>
#include <string.h>

#include "report/text_frame.h"
#include "report/text_remedy.h"

#define HANG 12

void ticket_line(const struct page *page, const char *label, const char *text)
{
	char lead[HANG + 1];
	snprintf(lead, sizeof lead, "%-*s", HANG, label);
	page_wrap(page, PAGE_PLAIN, lead, HANG, text);
}

static void write_name(const struct page *page, const struct report *report,
                       const struct ticket_options *options)
{
	const struct fact *fact = fact_set_find(report->facts, "hyperv.kvp.vm-name");
	const char *name = fact == NULL ? NULL : json_string_value(fact->value);
	cleanup_text struct text text = TEXT_INIT;
	if (name != NULL && !options->redacted)
		text_printf(&text, "%s (NAME below)", name);
	else
		text_add(&text, "NAME below is its name in your inventory");
	if (report->guest.hostname[0] != '\0')
		text_printf(&text, "; inside it is called %s", report->guest.hostname);
	ticket_line(page, "VM:", text_string(&text));
}

static const struct finder *choose_finder(const struct platform *platform, const char *tool)
{
	for (size_t i = 0; platform != NULL && i < platform->finder_count; i++) {
		if (strcmp(platform->finders[i].tool, tool) == 0)
			return &platform->finders[i];
	}
	return platform == NULL || platform->finder_count == 0 ? NULL : &platform->finders[0];
}

/* With the UUID in its place, so that it can be pasted. */
static void write_finder(const struct page *page, const struct finder *finder, const char *uuid)
{
	const char *place = strstr(finder->command, "UUID");
	cleanup_text struct text command = TEXT_INIT;
	text_add_bytes(&command, finder->command, (size_t)(place - finder->command));
	text_add(&command, uuid);
	text_add(&command, place + strlen("UUID"));
	ticket_line(page, "",
	            "Some versions turn the bytes of each of its first three groups "
	            "around. To find the VM by it:");
	page_command(page, HANG + 2, text_string(&command));
}

static void write_uuid(const struct page *page, const struct report *report,
                       const struct ticket_options *options, const char *tool)
{
	const char *uuid = report->guest.system_uuid;
	const struct finder *finder = choose_finder(report->platform.platform, tool);
	cleanup_text struct text command = TEXT_INIT;
	if (uuid[0] != '\0' && !options->redacted) {
		ticket_line(page, "UUID:", uuid);
		if (finder != NULL)
			write_finder(page, finder, uuid);
		return;
	}
	ticket_line(page, "UUID:",
	            uuid[0] == '\0' ? "not known here; in the guest this says it:"
	                            : "replaced in the recording; in the guest this says it:");
	text_as_typed("sudo cat /sys/class/dmi/id/product_uuid", options->format, &command);
	page_command(page, HANG + 2, text_string(&command));
	if (finder != NULL) {
		ticket_line(page, "", "To find the VM by it:");
		page_command(page, HANG + 2, finder->command);
	}
}

void ticket_vm(const struct page *page, const struct report *report,
               const struct ticket_options *options, const char *tool)
{
	write_name(page, report, options);
	write_uuid(page, report, options, tool);
}

void ticket_platform(const struct page *page, const struct report *report)
{
	cleanup_text struct text platform = TEXT_INIT;
	text_platform(report, &platform);
	ticket_line(page, "Platform:", text_string(&platform) + strlen("platform: "));
}
