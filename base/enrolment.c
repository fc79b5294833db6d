/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See enrolment.h. */
#include "base/enrolment.h"

#include <stdio.h>
#include <string.h>

#define DIGITS 16 /* of five bits */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static bool is_lab_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

bool enrolment_is_lab(const char *word)
{
	size_t length = strlen(word);
	if (length == 0 || length >= ENROLMENT_LAB_SIZE)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool joint = word[i] == '.' || word[i] == '-';
		if (!is_lab_letter(word[i]) &&
		    (!joint || i == 0 || i + 1 == length || !is_lab_letter(word[i - 1])))
			return false;
	}
	return true;
}

/* The digit that a character stands for, or 0. */
static char digit_of(char character)
{
	char upper = character >= 'a' && character <= 'z' ? (char)(character - 32) : character;
	char meant = upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
	return meant != '\0' && strchr(alphabet, meant) != NULL ? meant : '\0';
}

int enrolment_read(const char *code, struct enrolment *enrolment, struct error *err)
{
	static const char expected[] = "expected LAB.XXXX-XXXX-XXXX-XXXX as it was handed out";
	char canonical[ENROLMENT_LAB_SIZE + DIGITS + 1];
	const char *dot = strrchr(code, '.');
	size_t count = 0;
	*enrolment = (struct enrolment){ .lab = "" };
	if (dot == NULL || (size_t)(dot - code) >= sizeof enrolment->lab)
		return error_set(err, ERROR_USAGE, 0, "code '%.80s': %s", code, expected);
	memcpy(enrolment->lab, code, (size_t)(dot - code));
	int length = snprintf(canonical, sizeof canonical, "%s.", enrolment->lab);
	for (const char *at = dot + 1; *at != '\0'; at++) {
		char digit = digit_of(*at);
		if (*at == '-')
			continue;
		if (digit == '\0' || count == DIGITS)
			return error_set(err, ERROR_USAGE, 0, "code '%.80s': %s", code, expected);
		canonical[(size_t)length + count++] = digit;
	}
	canonical[(size_t)length + count] = '\0';
	if (count != DIGITS || !enrolment_is_lab(enrolment->lab))
		return error_set(err, ERROR_USAGE, 0, "code '%.80s': %s", code, expected);
	sha256_hmac_hex("nestready enrolment", canonical, strlen(canonical), enrolment->key);
	sha256_hex(enrolment->key, strlen(enrolment->key), enrolment->id);
	return 0;
}

void enrolment_write(const char *lab, const uint8_t random[ENROLMENT_BYTES],
                     char code[ENROLMENT_CODE_SIZE])
{
	char digits[DIGITS + 1] = "";
	for (size_t i = 0; i < DIGITS; i++) {
		size_t bit = 5 * i;
		unsigned pair = (unsigned)random[bit / 8] << 8;
		if (bit / 8 + 1 < ENROLMENT_BYTES)
			pair |= random[bit / 8 + 1];
		digits[i] = alphabet[pair >> (11 - bit % 8) & 31];
	}
	snprintf(code, ENROLMENT_CODE_SIZE, "%.60s.%.4s-%.4s-%.4s-%.4s", lab, digits, digits + 4,
	         digits + 8, digits + 12);
}

void enrolment_token(const struct enrolment *enrolment, char id[ENROLMENT_TOKEN_ID + 1],
                     char secret[ENROLMENT_TOKEN_SECRET + 1])
{
	char hex[SHA256_HEX_SIZE];
	sha256_hmac_hex(enrolment->key, "token id", 8, hex);
	snprintf(id, ENROLMENT_TOKEN_ID + 1, "%.12s", hex);
	sha256_hmac_hex(enrolment->key, "token", 5, hex);
	snprintf(secret, ENROLMENT_TOKEN_SECRET + 1, "%.40s", hex);
}
