/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qr TEXT: a QR code of it for the boot image's consoles, two rows a line, light blocks on a dark
 * ground.
 *
 * What `qrencode -t UTF8 -m 2 -l L TEXT` prints, without the picture libraries that it loads: they
 * take an emulated machine longer than the code does. */
#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>

#define MARGIN                                                                                     \
	2 /* modules; ISO/IEC 18004 asks for 4, the dark screen around it serves as the rest */

static bool is_light(const QRcode *code, int row, int column)
{
	if (row < 0 || column < 0 || row >= code->width || column >= code->width)
		return true;
	return (code->data[row * code->width + column] & 1) == 0;
}

static void print(const QRcode *code)
{
	static const char *const blocks[] = { " ", "\u2584", "\u2580", "\u2588" };
	const int end = code->width + MARGIN;

	for (int row = -MARGIN; row < end; row += 2) {
		for (int column = -MARGIN; column < end; column++) {
			int upper = is_light(code, row, column);
			int lower = is_light(code, row + 1, column);

			fputs(blocks[2 * upper + lower], stdout);
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	QRcode *code =
	        argc == 2 ? QRcode_encodeString(argv[1], 0, QR_ECLEVEL_L, QR_MODE_8, 1) : NULL;

	if (code == NULL) {
		perror("qr");
		return 1;
	}
	print(code);
	QRcode_free(code);
	return fflush(stdout) == 0 ? 0 : 1;
}
