/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See reader.h. */
#include "import/reader.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

void reader_open(struct reader *reader, const char *text, size_t length)
{
	*reader = (struct reader){ .rest = { text, text + length } };
}

bool reader_next(struct reader *reader)
{
	struct span *rest = &reader->rest;
	if (rest->at == rest->end)
		return false;
	const char *newline = memchr(rest->at, '\n', span_length(*rest));
	const char *end = newline == NULL ? rest->end : newline;
	reader->line = (struct span){ rest->at, end };
	while (reader->line.end > reader->line.at && is_blank(reader->line.end[-1]))
		reader->line.end--;
	rest->at = newline == NULL ? end : newline + 1;
	reader->number++;
	return true;
}

int reader_error(const struct reader *reader, const char *name, const char *message,
                 struct error *err)
{
	char found[61];
	struct span line = reader->line;
	span_trim(&line);
	span_copy(line, found, sizeof found);
	return error_set(err, ERROR_BAD_INPUT, 0, "%s:%zu: %s, found '%s'", name, reader->number,
	                 message, found);
}

bool span_blanks(struct span *span)
{
	const char *start = span->at;
	while (span->at < span->end && is_blank(*span->at))
		span->at++;
	return span->at > start;
}

bool span_word(struct span *span, const char *word)
{
	size_t length = strlen(word);
	if (span_length(*span) < length || strncasecmp(span->at, word, length) != 0)
		return false;
	span->at += length;
	return true;
}

bool span_decimal(struct span *span, uint64_t *value)
{
	const char *at = span->at;
	*value = 0;
	for (; at < span->end && *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');
		if (*value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	if (at == span->at)
		return false;
	span->at = at;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool span_hex(struct span *span, size_t low, size_t high, uint64_t *value)
{
	const char *at = span->at;
	uint64_t number = 0;
	for (; at < span->end && hex_digit(*at) >= 0; at++) {
		if ((size_t)(at - span->at) == high)
			return false;
		number = number << 4 | (unsigned)hex_digit(*at);
	}
	if ((size_t)(at - span->at) < low)
		return false;
	span->at = at;
	*value = number;
	return true;
}

size_t span_length(struct span span)
{
	return (size_t)(span.end - span.at);
}

void span_trim(struct span *span)
{
	span_blanks(span);
	while (span->end > span->at && is_blank(span->end[-1]))
		span->end--;
}

bool span_is(struct span span, const char *text)
{
	return span_word(&span, text) && span.at == span.end;
}

const char *span_find(struct span span, const char *text)
{
	for (size_t length = strlen(text); span_length(span) >= length; span.at++)
		if (strncasecmp(span.at, text, length) == 0)
			return span.at;
	return NULL;
}

void span_copy(struct span span, char *copy, size_t size)
{
	size_t length = span_length(span) < size ? span_length(span) : size - 1;
	memcpy(copy, span.at, length);
	copy[length] = '\0';
	utf8_sanitize(copy, length);
}
