/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See tty.h. */
#include "transport/tty.h"

void tty_set_raw(struct tty *tty, int fd)
{
	struct termios raw;
	*tty = (struct tty){ .fd = fd };
	if (tcgetattr(fd, &tty->before) != 0)
		return;
	raw = tty->before;
	cfmakeraw(&raw);
	/* No carrier is needed: a virtual port has none. */
	raw.c_cflag |= CLOCAL | CREAD;
	tty->changed = tcsetattr(fd, TCSANOW, &raw) == 0;
}

void tty_restore(struct tty *tty)
{
	if (tty->changed)
		tcsetattr(tty->fd, TCSANOW, &tty->before);
	tty->changed = false;
}
