/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A serial port of the guest, as far as Linux writes to one: what is sent goes
 * to a file, nothing ever comes in.  Registers: the 16550A's data sheet, and
 * linux/serial_reg.h for their names.
 */
#ifndef NESTREADY_LAB_L0_SERIAL_H
#define NESTREADY_LAB_L0_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#define SERIAL_REGISTERS 8

struct serial {
	uint16_t port;
	uint32_t irq;
	int vm_fd;  /* whose interrupt controller the line goes to */
	int out_fd; /* where the bytes go */
	bool sent;  /* "transmitter empty" was not acknowledged since the last byte */
	uint8_t interrupts;
	uint8_t line_control;
	uint8_t modem_control;
	uint8_t scratch;
	uint8_t divisor[2];
};

void serial_write(struct serial *serial, unsigned reg, uint8_t value);
uint8_t serial_read(struct serial *serial, unsigned reg);

#endif
