/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By hand and not by regexec(3), which takes longer for a report's keys than parsing all of it. */
#include "collector/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIME_LENGTH 19              /* 2026-01-02T03:04:05 */
#define LAST_MS     253402300799999 /* the end of year 9999 */

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool is_hex(char character)
{
	return is_digit(character) || (character >= 'a' && character <= 'f');
}

static bool is_alphanumeric(char character)
{
	return is_digit(character) || (character >= 'a' && character <= 'z');
}

/* Each character of `form` stands for itself, but: x a hexadecimal digit, 0 a digit, v one of 89ab.
 */
static bool has_form(const char *word, const char *form)
{
	for (; *form != '\0'; word++, form++) {
		bool fits = *form == 'x'   ? is_hex(*word)
		            : *form == '0' ? is_digit(*word)
		            : *form == 'v' ? *word != '\0' && strchr("89ab", *word) != NULL
		                           : *word == *form;
		if (!fits)
			return false;
	}
	return true;
}

bool word_is_uuid7(const char *word)
{
	return has_form(word, "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx") && word[36] == '\0';
}

bool word_is_time(const char *word)
{
	if (!has_form(word, "0000-00-00T00:00:00"))
		return false;
	word += TIME_LENGTH;
	if (*word == '.') {
		word++;
		size_t digits = strspn(word, "0123456789");
		if (digits == 0)
			return false;
		word += digits;
	}
	return word[0] == 'Z' && word[1] == '\0';
}

/* Runs of letters and digits, joined by one of `joints`; with `id`, {id} may stand for a later run.
 */
static bool is_runs(const char *word, const char *joints, bool id)
{
	for (bool first = true;; first = false) {
		if (id && !first && strncmp(word, "{id}", 4) == 0) {
			word += 4;
		} else {
			if (!is_alphanumeric(*word))
				return false;
			while (is_alphanumeric(*word))
				word++;
		}
		if (*word == '\0')
			return true;
		if (strchr(joints, *word) == NULL)
			return false;
		word++;
	}
}

bool word_is_id(const char *word)
{
	return is_runs(word, ".-", false);
}

bool word_is_fact(const char *word)
{
	return is_runs(word, ".-", true);
}

bool word_is_gap(const char *word)
{
	static const char *const layers[] = { "l0.", "l1.", "net." };
	for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
		size_t length = strlen(layers[i]);
		if (strncmp(word, layers[i], length) == 0)
			return is_runs(word + length, "-", false);
	}
	return false;
}

static int number_at(const char *word, int digits)
{
	int number = 0;
	for (int i = 0; i < digits; i++)
		number = number * 10 + (word[i] - '0');
	return number;
}

int64_t word_time_ms(const char *word)
{
	struct tm given = { .tm_year = number_at(word, 4) - 1900,
		            .tm_mon = number_at(word + 5, 2) - 1,
		            .tm_mday = number_at(word + 8, 2),
		            .tm_hour = number_at(word + 11, 2),
		            .tm_min = number_at(word + 14, 2),
		            .tm_sec = number_at(word + 17, 2) };
	struct tm kept = given;
	int64_t seconds = timegm(&kept);
	/* timegm makes 1 March of 30 February, and a minute later of second 60. */
	if (seconds < 0 || kept.tm_mon != given.tm_mon || kept.tm_mday != given.tm_mday ||
	    kept.tm_hour != given.tm_hour || kept.tm_min != given.tm_min ||
	    kept.tm_sec != given.tm_sec)
		return -1;
	int ms = 0;
	const char *digit = word + TIME_LENGTH + 1; /* behind the dot, if there is one */
	for (int weight = 100; weight > 0 && digit[-1] != 'Z' && is_digit(*digit); weight /= 10)
		ms += weight * (*digit++ - '0');
	return seconds * 1000 + ms;
}

void word_time_write(int64_t ms, char word[WORD_TIME_SIZE])
{
	ms = ms < 0 ? 0 : ms > LAST_MS ? LAST_MS : ms;
	time_t seconds = (time_t)(ms / 1000);
	struct tm utc;
	gmtime_r(&seconds, &utc);
	size_t used = strftime(word, WORD_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(word + used, WORD_TIME_SIZE - used, ".%03uZ", (unsigned)(ms % 1000) % 1000);
}
