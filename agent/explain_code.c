/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See explain_code.h. */
#include "agent/explain_code.h"

#include <string.h>
#include <strings.h>

#include "report/code.h"
#include "report/text_remedy.h"

bool looks_like_code(const char *word)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTVWXYZ"
	                              "abcdefghijklmnopqrstuvwxyz- ";
	if (strncasecmp(word, CODE_QR_PREFIX, strlen(CODE_QR_PREFIX)) == 0)
		return true;
	return word[strspn(word, letters)] == '\0' && strpbrk(word, "0123456789") != NULL;
}

/* "kvm: not-ready (by CPU flags): l0.virt-not-exposed" */
static void explain_target(const struct page *page, const struct code *code, size_t index)
{
	static const char *const rests[] = {
		[BASIS_PROVEN] = "proven by a VM that ran there",
		[BASIS_FLAGS] = "by flags",
		[BASIS_IMPORTED] = "by a recording",
	};
	const struct code_target *found = &code->targets[index];
	const struct target *target = code_find_target(found->number);
	cleanup_text struct text lead = TEXT_INIT;
	cleanup_text struct text text = TEXT_INIT;
	if (target != NULL)
		text_printf(&lead, "%s: ", target->id);
	else
		text_printf(&lead, "target %u: ", found->number);
	text_printf(&text, "%s, %s", verdict_name(found->verdict), rests[found->basis]);
	const char *before = ": ";
	for (size_t i = 0; i < code->gap_count; i++) {
		const struct gap *gap = code_find_gap(code->gaps[i]);
		if ((found->gaps >> i & 1) == 0)
			continue;
		if (gap != NULL)
			text_printf(&text, "%s%s", before, gap->id);
		else
			text_printf(&text, "%sgap %u", before, code->gaps[i]);
		before = ", ";
	}
	page_wrap(page, PAGE_STRONG, text_string(&lead), 2, text_string(&text));
}

static void explain_gaps(const struct page *page, const struct code *code)
{
	for (size_t i = 0; i < code->gap_count; i++) {
		const struct gap *gap = code_find_gap(code->gaps[i]);
		cleanup_text struct text lead = TEXT_INIT;
		if (gap == NULL) {
			text_printf(&lead, "  gap %u: ", code->gaps[i]);
			page_wrap(page, PAGE_PLAIN, text_string(&lead), 4,
			          "unknown to this version of nestready");
			continue;
		}
		text_printf(&lead, "  %s: ", gap->id);
		page_wrap(page, PAGE_PLAIN, text_string(&lead), 4, gap->title);
	}
}

int explain_code(const struct page *page, const char *word, const struct format_options *options,
                 struct error *err)
{
	struct code code;
	cleanup_text struct text more = TEXT_INIT;
	if (code_read(word, &code, err) != 0)
		return -1;
	page_wrap(page, PAGE_PLAIN, "", 0, "The machine that showed this code:");
	for (size_t i = 0; i < code.target_count; i++)
		explain_target(page, &code, i);
	if (code.gap_count == 0)
		return 0;
	text_add(page->out, "\n");
	explain_gaps(page, &code);
	text_as_typed("nestready explain ID", options, &more);
	page_wrap(page, PAGE_PLAIN, "Each with every fix: ", 2, text_string(&more));
	return 0;
}
