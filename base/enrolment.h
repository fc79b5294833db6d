/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code by which a student enrols, LAB.XXXX-XXXX-XXXX-XXXX: the lab's name
 * and 80 random bits in the digits of Crockford's base 32.  Everything secret
 * about a student is made of it, so that collector and agent agree on it
 * without a word, and the collector keeps no code.
 */
#ifndef NESTREADY_BASE_ENROLMENT_H
#define NESTREADY_BASE_ENROLMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"

#define ENROLMENT_LAB_SIZE  61 /* of a lab's name, the NUL included */
#define ENROLMENT_CODE_SIZE (ENROLMENT_LAB_SIZE + 20)
#define ENROLMENT_BYTES     10

struct enrolment {
	char lab[ENROLMENT_LAB_SIZE];
	char key[SHA256_HEX_SIZE]; /* signs; whoever has it can speak for the student */
	char id[SHA256_HEX_SIZE];  /* says which key, and no more */
};

/* Whether a word may name a lab: runs of a-z and 0-9, joined by one of . and -. */
bool enrolment_is_lab(const char *word);

/*
 * Reads a code as people type it: upper or lower case, with or without hyphens, O for 0, I and L
 * for 1.  0; or -1 and *err, ERROR_USAGE.
 */
int enrolment_read(const char *code, struct enrolment *enrolment, struct error *err);

/* Writes the code of these random bytes. */
void enrolment_write(const char *lab, const uint8_t random[ENROLMENT_BYTES],
                     char code[ENROLMENT_CODE_SIZE]);

/* The student's token: the same whenever it is made. */
#define ENROLMENT_TOKEN_ID     12
#define ENROLMENT_TOKEN_SECRET 40

void enrolment_token(const struct enrolment *enrolment, char id[ENROLMENT_TOKEN_ID + 1],
                     char secret[ENROLMENT_TOKEN_SECRET + 1]);

#endif
