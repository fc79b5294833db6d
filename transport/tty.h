/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A terminal as a line for bytes: no echo, no signals, nothing changed on the way. */
#ifndef NESTREADY_TRANSPORT_TTY_H
#define NESTREADY_TRANSPORT_TTY_H

#include <stdbool.h>
#include <termios.h>

struct tty {
	int fd;
	bool changed;
	struct termios before;
};

/* Sets a descriptor raw; of one that is no terminal nothing is changed. */
void tty_set_raw(struct tty *tty, int fd);

/* Sets it as it was. */
void tty_restore(struct tty *tty);

#endif
