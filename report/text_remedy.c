/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing one remedy. */
#include "report/text_remedy.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_word(const char *word, size_t length, const char *expected)
{
	return strlen(expected) == length && strncmp(word, expected, length) == 0;
}

/* Whether the next word is the name of a program again: "modprobe msr && nestready". */
static bool is_joint(const char *word, size_t length)
{
	static const char *const joints[] = { "&&", "||", "|" };
	if (length > 0 && word[length - 1] == ';')
		return true;
	for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
		if (is_word(word, length, joints[i]))
			return true;
	}
	return false;
}

static const char *own_name(const char *rest, const struct format_options *options)
{
	size_t next = strcspn(rest, " ");
	bool alone = next == 0 || is_joint(rest, next);
	if (alone && options->again != NULL)
		return options->again;
	return options->program == NULL ? "nestready" : options->program;
}

void text_as_typed(const char *command, const struct format_options *options, struct text *out)
{
	bool program = true; /* this word is a program's name */
	while (*command != '\0') {
		size_t length = strcspn(command, " ");
		size_t whole = length + strspn(command + length, " ");
		if (program && options->root && is_word(command, length, "sudo")) {
			command += whole;
			continue;
		}
		if (program && is_word(command, length, "nestready")) {
			text_add(out, own_name(command + whole, options));
			text_add_bytes(out, command + length, whole - length);
		} else {
			text_add_bytes(out, command, whole);
		}
		program =
		        is_joint(command, length) || (program && is_word(command, length, "sudo"));
		command += whole;
	}
}

/* A GUI's steps and what is asked of people are sentences, and end like them. */
static bool is_sentence(const char *step)
{
	size_t length = strlen(step);
	return length > 0 && (step[length - 1] == '.' || step[length - 1] == ':');
}

/* Length of what leads in to a command: "Stop QEMU and start it again with:"; 0 when nothing does.
 */
static size_t lead_in(const char *step)
{
	const char *colon = strstr(step, ": ");
	bool prose = step[0] >= 'A' && step[0] <= 'Z';
	return prose && colon != NULL ? (size_t)(colon + 1 - step) : 0;
}

static void write_step(const struct page *page, const char *lead, const char *step,
                       const struct format_options *options)
{
	cleanup_text struct text command = TEXT_INIT;
	unsigned hang = (unsigned)strlen(lead);
	size_t length = is_sentence(step) ? strlen(step) : lead_in(step);
	if (length == 0) {
		text_as_typed(step, options, &command);
		page_put(page, PAGE_PLAIN, lead);
		page_command(page, 0, text_string(&command));
		return;
	}
	cleanup_text struct text sentence = TEXT_INIT;
	text_add_bytes(&sentence, step, length);
	page_wrap(page, PAGE_PLAIN, lead, hang, text_string(&sentence));
	if (step[length] == '\0')
		return;
	text_as_typed(step + length + 1, options, &command);
	page_command(page, hang + 2, text_string(&command));
}

static void write_list(const struct page *page, const char *label, const char *const *list,
                       const struct format_options *options)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		char lead[32];
		snprintf(lead, sizeof lead, TEXT_MARGIN "%-*s", (int)strlen(label),
		         i == 0 ? label : "");
		write_step(page, lead, list[i], options);
	}
}

void text_fix(const struct page *page, const struct remedy *remedy, size_t shared,
              const struct format_options *options)
{
	cleanup_text struct text line = TEXT_INIT;
	text_printf(&line, "(%s; ", remedy->who);
	if (remedy->downtime != NULL)
		text_add(&line, remedy->downtime);
	else if (!remedy->power_off)
		text_add(&line, "no power-off");
	else if (shared != 0)
		text_printf(&line, "in the same power-off as %zu", shared);
	else
		text_add(&line, "VM powered off: a reboot from inside is not enough");
	text_add(&line, remedy->uncertain ? "; not verified against the product):" : "):");
	page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "fix ", TEXT_INDENT + 2, text_string(&line));
	write_list(page, "  ", remedy->steps, options);
}

void text_instead(const struct page *page, const struct platform_gap *closing,
                  const struct format_options *options)
{
	write_list(page, "instead: ", closing->instead, options);
}

void text_no_fix(const struct page *page, const struct platform_gap *closing,
                 const struct format_options *options)
{
	page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "no fix: ", TEXT_INDENT + 2, closing->summary);
	text_instead(page, closing, options);
}

void text_after_fix(const struct page *page, const struct remedy *remedy,
                    const struct format_options *options)
{
	write_list(page, "verify: ", remedy->verify, options);
	bool off = remedy->power_off && remedy->downtime == NULL && !is_sentence(remedy->undo[0]);
	write_list(page, off ? "undo (powered off): " : "undo: ", remedy->undo, options);
	if (remedy->cost != NULL)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "cost: ", TEXT_INDENT + 2, remedy->cost);
}
