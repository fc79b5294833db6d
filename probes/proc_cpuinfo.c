/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strict reader of /proc/cpuinfo, block by block, without a copy. */
#define _GNU_SOURCE 1 /* memmem */
#include "probes/proc_cpuinfo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probes/cpus.h"

__attribute__((format(printf, 2, 3))) static void give_up(struct proc_cpuinfo *file,
                                                          const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(file->why, sizeof file->why, format, args);
	va_end(args);
	file->status = STATUS_FAILED;
}

void proc_cpuinfo_open(struct proc_cpuinfo *file, struct machine *machine)
{
	*file = (struct proc_cpuinfo){ .answer = ANSWER_INIT, .line = 1 };
	file->status = machine_read_file(machine, PROC_CPUINFO, &file->answer);
	snprintf(file->why, sizeof file->why, "%s", file->answer.why);
	/* A machine without the file is one where nobody could look, not one without the flags. */
	if (file->status == STATUS_ABSENT)
		give_up(file, PROC_CPUINFO ": there is no such file");
	else if (file->status == STATUS_OBSERVED && file->answer.length == 0)
		give_up(file, PROC_CPUINFO ": empty");
}

void proc_cpuinfo_close(struct proc_cpuinfo *file)
{
	answer_clear(&file->answer);
}

/* A line of the file, split at its first colon; both parts are empty in an empty line. */
struct line {
	struct span name;
	struct span value;
};

static struct span trim(const char *start, const char *end)
{
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	while (start < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct span){ start, (size_t)(end - start) };
}

static bool is_text(struct span span)
{
	bool text = true;
	for (size_t i = 0; i < span.length; i++)
		text &= span.at[i] >= ' ' && span.at[i] <= '~';
	return text;
}

/* Takes the next line.  False at the end of the file and when it is none. */
static bool next_line(struct proc_cpuinfo *file, struct line *line)
{
	const char *start = file->answer.text + file->offset;
	const char *limit = file->answer.text + file->answer.length;
	if (start == limit)
		return false;
	const char *end = memchr(start, '\n', (size_t)(limit - start));
	if (end == NULL) {
		file->offset = file->answer.length;
		return false;
	}
	const char *colon = memchr(start, ':', (size_t)(end - start));
	if (colon == NULL && end > start) {
		give_up(file, PROC_CPUINFO ": line %u: not of the form NAME : VALUE", file->line);
		return false;
	}
	line->name = trim(start, colon == NULL ? end : colon);
	line->value = trim(colon == NULL ? end : colon + 1, end);
	if (colon != NULL && (line->name.length == 0 || !is_text(line->name))) {
		give_up(file, PROC_CPUINFO ": line %u: not of the form NAME : VALUE", file->line);
		return false;
	}
	file->offset += (size_t)(end - start) + 1;
	file->line++;
	return true;
}

static bool named(const struct line *line, const char *name)
{
	size_t length = strlen(name);
	return line->name.length == length && memcmp(line->name.at, name, length) == 0;
}

/* A decimal up to INT32_MAX; -1 when it is none. */
static int32_t number_of(struct span span)
{
	int64_t number = 0;
	for (size_t i = 0; i < span.length; i++) {
		if (span.at[i] < '0' || span.at[i] > '9')
			return -1;
		number = number * 10 + (span.at[i] - '0');
		if (number > INT32_MAX)
			return -1;
	}
	return span.length == 0 ? -1 : (int32_t)number;
}

static void take_line(const struct line *line, struct processor *block)
{
	if (named(line, "flags"))
		block->flags = line->value;
	else if (named(line, "vmx flags"))
		block->vmx_flags = line->value;
	else if (named(line, "model name"))
		block->name = line->value;
	else if (named(line, "microcode"))
		block->microcode = line->value;
	else if (named(line, "physical id"))
		block->package = number_of(line->value);
	else if (named(line, "core id"))
		block->core = number_of(line->value);
}

/* Reads the line that opens a block. */
static bool open_block(struct proc_cpuinfo *file)
{
	struct line line;
	unsigned at = file->line;
	if (!next_line(file, &line))
		return false;
	int32_t number = named(&line, "processor") ? number_of(line.value) : -1;
	if (number < 0 || number >= CPUS_MAX)
		give_up(file, PROC_CPUINFO ": line %u: no number of a processor", at);
	else if (file->has_block && (uint32_t)number <= file->block.cpu)
		give_up(file, PROC_CPUINFO ": line %u: processor %d out of order", at, number);
	if (file->status != STATUS_OBSERVED)
		return false;
	file->block = (struct processor){ .cpu = (uint32_t)number, .package = -1, .core = -1 };
	file->has_block = true;
	return true;
}

/* What is wrong with a block that was read to its end, or to the file's. */
static void judge_block(const struct proc_cpuinfo *file, bool ended, struct processor *block)
{
	const char *fault = NULL;
	if (!ended && file->answer.truncated)
		fault = "cut: the file is longer than 4 MiB";
	else if (!ended)
		fault = "cut in the middle";
	else if (block->flags.at == NULL)
		fault = "no flags line";
	else if (block->flags.length == 0)
		fault = "empty flags line";
	else if (!is_text(block->flags) || !is_text(block->vmx_flags))
		fault = "binary flags line";
	block->status = fault == NULL ? STATUS_OBSERVED : STATUS_FAILED;
	if (file->status != STATUS_OBSERVED) {
		block->status = file->status;
		memcpy(block->why, file->why, sizeof block->why);
	} else if (fault != NULL) {
		snprintf(block->why, sizeof block->why, PROC_CPUINFO ": processor %u: %s",
		         block->cpu, fault);
	}
}

const struct processor *proc_cpuinfo_next(struct proc_cpuinfo *file)
{
	struct line line;
	if (file->status != STATUS_OBSERVED || !open_block(file))
		return NULL;
	bool ended = false;
	while (!ended && next_line(file, &line)) {
		ended = line.name.length == 0;
		take_line(&line, &file->block);
	}
	judge_block(file, ended, &file->block);
	return &file->block;
}

const struct processor *proc_cpuinfo_find(struct proc_cpuinfo *file, uint32_t cpu)
{
	while (!file->has_block || file->block.cpu < cpu)
		if (proc_cpuinfo_next(file) == NULL)
			break;
	if (file->has_block && file->block.cpu == cpu)
		return &file->block;
	struct processor *missing = &file->missing;
	*missing = (struct processor){ .cpu = cpu, .package = -1, .core = -1 };
	missing->status = file->status == STATUS_OBSERVED ? STATUS_FAILED : file->status;
	if (file->status != STATUS_OBSERVED)
		memcpy(missing->why, file->why, sizeof missing->why);
	else
		snprintf(missing->why, sizeof missing->why, PROC_CPUINFO ": %s",
		         file->answer.truncated ? "cut before this processor: longer than 4 MiB"
		                                : "does not have this processor");
	return missing;
}

bool span_has_word(struct span span, const char *word)
{
	if (span.at == NULL)
		return false;
	size_t length = strlen(word);
	const char *end = span.at + span.length;
	const char *at = span.at;
	while ((at = memmem(at, (size_t)(end - at), word, length)) != NULL) {
		bool begins = at == span.at || at[-1] == ' ';
		at += length;
		if (begins && (at == end || *at == ' '))
			return true;
	}
	return false;
}
