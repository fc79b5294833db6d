/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for a QR code: the short code, then the same in words; which target
 * has which gap is in the code alone.
 *
 *   NESTREADY:2GHK-8T5V-X READY:KVM/PROXMOX NOT-READY:ESXI-8 L0.ADAPTER-MODEL/L0.TOO-FEW-CPUS
 *
 * It keeps to the characters that a QR code packs two into eleven bits, and to
 * what fits beside other text on a console of 25 lines.
 */
#include <ctype.h>

#include "report/code.h"

/* ISO/IEC 18004: a symbol of version 6, level L, holds so many alphanumeric characters; with two
 * modules of margin, and two rows of modules in a line, it takes 45 columns and 23 lines. */
#define LENGTH_MAX 195

/* The targets with that verdict: " NOT-READY:ESXI-8/HYPERV-2022". */
static void name_targets(const struct code *code, enum verdict verdict, struct text *out)
{
	bool any = false;
	for (size_t i = 0; i < code->target_count; i++) {
		const struct target *target = code_find_target(code->targets[i].number);
		if (target == NULL || code->targets[i].verdict != verdict)
			continue;
		if (any)
			text_printf(out, "/%s", target->id);
		else
			text_printf(out, " %s:%s", verdict_name(verdict), target->id);
		any = true;
	}
}

/* At most `most` of the gaps, and how many more there are. */
static void write_words(const struct code *code, size_t most, struct text *out)
{
	for (enum verdict verdict = VERDICT_READY; verdict <= VERDICT_INDETERMINATE; verdict++)
		name_targets(code, verdict, out);
	for (size_t i = 0; i < code->gap_count && i < most; i++) {
		const struct gap *gap = code_find_gap(code->gaps[i]);
		if (gap != NULL)
			text_printf(out, "%s%s", i == 0 ? " " : "/", gap->id);
	}
	if (code->gap_count > most)
		text_printf(out, "%s%zu", most == 0 ? " +" : "/+", code->gap_count - most);
	for (size_t i = 0; i < out->length; i++)
		out->data[i] = (char)toupper((unsigned char)out->data[i]);
}

static void write_code(const struct report *report, const struct format_options *options,
                       struct text *out)
{
	struct code code;
	const size_t start = out->length;
	(void)options;
	if (code_take(report, &code) != 0) {
		out->failed = true;
		return;
	}
	text_add(out, CODE_QR_PREFIX);
	code_write(&code, out);
	for (size_t most = code.gap_count + 1; most-- > 0;) {
		cleanup_text struct text words = TEXT_INIT;
		write_words(&code, most, &words);
		out->failed = out->failed || words.failed;
		if (out->length - start + words.length <= LENGTH_MAX) {
			text_add(out, text_string(&words));
			break;
		}
	}
	text_add(out, "\n");
}

const struct format format_code = { .name = "code",
	                            .help = "the short code, and what a QR code is to hold",
	                            .write = write_code };
