/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See code.h. */
#include "report/code.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/items.h"

#define VERSION       1
#define VERSION_BITS  4
#define COUNT_BITS    5
#define GAP_BITS      7
#define TARGET_BITS   6
#define VERDICT_BITS  2
#define BASIS_BITS    2
#define SYMBOL_BITS   5
#define CRC_SYMBOLS   3
#define GROUP_SYMBOLS 4

/* The longest code there can be. */
#define BITS_MAX                                                                                   \
	(VERSION_BITS + 2 * COUNT_BITS + CODE_GAPS_MAX * GAP_BITS +                                \
	 CODE_TARGETS_MAX * (TARGET_BITS + VERDICT_BITS + BASIS_BITS + CODE_GAPS_MAX))
#define SYMBOLS_MAX ((BITS_MAX + SYMBOL_BITS - 1) / SYMBOL_BITS + CRC_SYMBOLS)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct symbols {
	uint8_t value[SYMBOLS_MAX];
	size_t bit; /* where the next bit goes, or is */
};

/* CRC-15/CAN: x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1, from zero (ISO 11898-1, 10.4.2.6). */
static unsigned crc15(const uint8_t *values, size_t count)
{
	unsigned crc = 0;
	for (size_t i = 0; i < count; i++) {
		for (int bit = 7; bit >= 0; bit--) {
			unsigned out = (crc >> 14) ^ (values[i] >> bit);
			crc = (crc << 1) & 0x7fff;
			if ((out & 1) != 0)
				crc ^= 0x4599;
		}
	}
	return crc;
}

static void put(struct symbols *symbols, unsigned value, size_t bits)
{
	while (bits-- > 0) {
		size_t shift = SYMBOL_BITS - 1 - symbols->bit % SYMBOL_BITS;
		uint8_t *symbol = &symbols->value[symbols->bit++ / SYMBOL_BITS];
		*symbol = (uint8_t)(*symbol | (value >> bits & 1) << shift);
	}
}

static unsigned take(struct symbols *symbols, size_t bits)
{
	unsigned value = 0;
	while (bits-- > 0) {
		size_t shift = SYMBOL_BITS - 1 - symbols->bit % SYMBOL_BITS;
		unsigned symbol = symbols->value[symbols->bit++ / SYMBOL_BITS];
		value = value << 1 | (symbol >> shift & 1u);
	}
	return value;
}

static size_t symbols_for(size_t bits)
{
	return (bits + SYMBOL_BITS - 1) / SYMBOL_BITS;
}

/* The bit of a gap, which becomes one of the code's when it is not yet; 0 when there is no room. */
static uint32_t gap_bit(struct code *code, unsigned number)
{
	for (size_t i = 0; i < code->gap_count; i++) {
		if (code->gaps[i] == number)
			return UINT32_C(1) << i;
	}
	if (code->gap_count == CODE_GAPS_MAX)
		return 0;
	code->gaps[code->gap_count] = number;
	return UINT32_C(1) << code->gap_count++;
}

/* The gaps that the text tells of, which depends on what is known of the machine. */
static int take_judgment(const struct report *report, const struct judgment *judgment,
                         struct code *code)
{
	struct item *items;
	size_t count;
	if (code->target_count == CODE_TARGETS_MAX)
		return 0;
	if (items_collect(judgment, report->platform.platform, report->facts, NULL, &items,
	                  &count) != 0)
		return -1;
	struct code_target *target = &code->targets[code->target_count++];
	*target = (struct code_target){ judgment->target->number, judgment->verdict,
		                        judgment->basis, 0 };
	for (size_t i = 0; i < count; i++) {
		if (items[i].gap != NULL && items[i].gap->number != 0)
			target->gaps |= gap_bit(code, items[i].gap->number);
	}
	free(items);
	return 0;
}

int code_take(const struct report *report, struct code *code)
{
	*code = (struct code){ 0 };
	if (take_judgment(report, &report->judgment, code) != 0)
		return -1;
	for (size_t i = 0; i < report->other_count; i++) {
		if (report->others[i].target->in_codes &&
		    take_judgment(report, &report->others[i], code) != 0)
			return -1;
	}
	return 0;
}

static void write_symbols(const uint8_t *values, size_t count, struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && i % GROUP_SYMBOLS == 0)
			text_add(out, "-");
		text_add_bytes(out, &alphabet[values[i]], 1);
	}
}

void code_write(const struct code *code, struct text *out)
{
	struct symbols symbols = { 0 };
	put(&symbols, VERSION, VERSION_BITS);
	put(&symbols, (unsigned)code->target_count, COUNT_BITS);
	put(&symbols, (unsigned)code->gap_count, COUNT_BITS);
	for (size_t i = 0; i < code->gap_count; i++)
		put(&symbols, code->gaps[i], GAP_BITS);
	for (size_t i = 0; i < code->target_count; i++) {
		const struct code_target *target = &code->targets[i];
		put(&symbols, target->number, TARGET_BITS);
		put(&symbols, target->verdict, VERDICT_BITS);
		put(&symbols, target->basis, BASIS_BITS);
		for (size_t gap = 0; gap < code->gap_count; gap++)
			put(&symbols, target->gaps >> gap & 1, 1);
	}
	size_t count = symbols_for(symbols.bit);
	symbols.bit = count * SYMBOL_BITS;
	put(&symbols, crc15(symbols.value, count), CRC_SYMBOLS * SYMBOL_BITS);
	write_symbols(symbols.value, count + CRC_SYMBOLS, out);
}

/* A character's value, or -1.  Letters that look like digits are those digits. */
static int symbol_value(char character)
{
	static const char look_alikes[] = "OoIiLl";
	const char *look_alike = strchr(look_alikes, character);
	if (look_alike != NULL)
		return look_alike - look_alikes < 2 ? 0 : 1;
	if (character >= 'a' && character <= 'z')
		character = (char)(character - 'a' + 'A');
	const char *found = strchr(alphabet, character);
	return found == NULL ? -1 : (int)(found - alphabet);
}

/*
 * The number of characters read into `symbols`; 0 when one is not of a code, or
 * they are too many.  In the text of a QR code the first blank ends the code.
 */
static size_t read_symbols(const char *string, struct symbols *symbols)
{
	size_t count = 0;
	size_t prefix = strlen(CODE_QR_PREFIX);
	bool qr = strncasecmp(string, CODE_QR_PREFIX, prefix) == 0;
	for (string += qr ? prefix : 0; *string != '\0' && !(qr && *string == ' '); string++) {
		if (*string == '-' || *string == ' ')
			continue;
		int value = symbol_value(*string);
		if (value < 0 || count == SYMBOLS_MAX)
			return 0;
		symbols->value[count++] = (uint8_t)value;
	}
	return count;
}

static size_t bits_of(size_t targets, size_t gaps)
{
	return VERSION_BITS + 2 * COUNT_BITS + gaps * GAP_BITS +
	       targets * (TARGET_BITS + VERDICT_BITS + BASIS_BITS + gaps);
}

/* Takes the bits apart; false when they are not what code_write writes. */
static bool take_apart(struct symbols *symbols, size_t count, struct code *code)
{
	code->target_count = take(symbols, COUNT_BITS);
	code->gap_count = take(symbols, COUNT_BITS);
	if (symbols_for(bits_of(code->target_count, code->gap_count)) != count)
		return false;
	for (size_t i = 0; i < code->gap_count; i++)
		code->gaps[i] = take(symbols, GAP_BITS);
	for (size_t i = 0; i < code->target_count; i++) {
		struct code_target *target = &code->targets[i];
		target->number = take(symbols, TARGET_BITS);
		target->verdict = (enum verdict)take(symbols, VERDICT_BITS);
		target->basis = (enum basis)take(symbols, BASIS_BITS);
		target->gaps = 0;
		for (size_t gap = 0; gap < code->gap_count; gap++)
			target->gaps |= (uint32_t)take(symbols, 1) << gap;
		if (target->basis > BASIS_IMPORTED)
			return false;
	}
	return symbols->bit == count * SYMBOL_BITS ||
	       take(symbols, count * SYMBOL_BITS - symbols->bit) == 0;
}

int code_read(const char *string, struct code *code, struct error *err)
{
	struct symbols symbols = { 0 };
	size_t count = read_symbols(string, &symbols);
	*code = (struct code){ 0 };
	if (count <= CRC_SYMBOLS)
		return error_set(err, ERROR_BAD_INPUT, 0, "'%.40s' is no code", string);
	count -= CRC_SYMBOLS;
	symbols.bit = count * SYMBOL_BITS;
	if (take(&symbols, CRC_SYMBOLS * SYMBOL_BITS) != crc15(symbols.value, count))
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "'%.40s' is mistyped: its check digits do not fit", string);
	symbols.bit = 0;
	if (take(&symbols, VERSION_BITS) != VERSION)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "'%.40s' is of another version of nestready", string);
	if (symbols_for(VERSION_BITS + 2 * COUNT_BITS) > count ||
	    !take_apart(&symbols, count, code))
		return error_set(err, ERROR_BAD_INPUT, 0, "'%.40s' is no code", string);
	return 0;
}

const struct target *code_find_target(unsigned number)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		if (target->number == number)
			return target;
	}
	return NULL;
}

const struct gap *code_find_gap(unsigned number)
{
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++) {
		if (gap->number == number)
			return gap;
	}
	return NULL;
}
