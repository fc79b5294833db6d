/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial port; see the header. */
#include "tests/lab/l0/serial.h"

#include <linux/kvm.h>
#include <linux/serial_reg.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The only interrupt there is: "send more".  Without it Linux would send 16 bytes a timer tick. */
static void set_line(const struct serial *serial)
{
	bool up = serial->sent && (serial->interrupts & UART_IER_THRI) != 0;
	struct kvm_irq_level level = { .irq = serial->irq, .level = up };
	ioctl(serial->vm_fd, KVM_IRQ_LINE, &level);
}

static bool at_divisor(const struct serial *serial, unsigned reg)
{
	return (serial->line_control & UART_LCR_DLAB) != 0 && reg <= UART_DLM;
}

/* A looped back byte is one that asks whether a port is here; it is not for the line. */
static void send(struct serial *serial, uint8_t value)
{
	if ((serial->modem_control & UART_MCR_LOOP) == 0 && write(serial->out_fd, &value, 1) < 0)
		_exit(1); /* whoever reads us has gone */
	serial->sent = true;
}

void serial_write(struct serial *serial, unsigned reg, uint8_t value)
{
	if (at_divisor(serial, reg)) {
		serial->divisor[reg] = value;
		return;
	}
	switch (reg) {
	case UART_TX:
		send(serial, value);
		break;
	case UART_IER:
		serial->sent |= (value & ~serial->interrupts & UART_IER_THRI) != 0;
		serial->interrupts = value & 0xf;
		break;
	case UART_LCR:
		serial->line_control = value;
		break;
	case UART_MCR:
		serial->modem_control = value & 0x1f;
		break;
	case UART_SCR:
		serial->scratch = value;
		break;
	}
	set_line(serial);
}

static uint8_t identify_interrupt(struct serial *serial)
{
	const uint8_t fifos = 0xc0;
	if (!serial->sent || (serial->interrupts & UART_IER_THRI) == 0)
		return fifos | UART_IIR_NO_INT;
	serial->sent = false;
	set_line(serial);
	return fifos | UART_IIR_THRI;
}

/* In loopback the modem's inputs are its outputs, by which Linux knows that a port is real. */
static uint8_t modem_status(const struct serial *serial)
{
	uint8_t control = serial->modem_control;
	if ((control & UART_MCR_LOOP) == 0)
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	return (uint8_t)(((control & UART_MCR_RTS) != 0 ? UART_MSR_CTS : 0) |
	                 ((control & UART_MCR_DTR) != 0 ? UART_MSR_DSR : 0) |
	                 ((control & UART_MCR_OUT1) != 0 ? UART_MSR_RI : 0) |
	                 ((control & UART_MCR_OUT2) != 0 ? UART_MSR_DCD : 0));
}

uint8_t serial_read(struct serial *serial, unsigned reg)
{
	if (at_divisor(serial, reg))
		return serial->divisor[reg];
	switch (reg) {
	case UART_IER:
		return serial->interrupts;
	case UART_IIR:
		return identify_interrupt(serial);
	case UART_LCR:
		return serial->line_control;
	case UART_MCR:
		return serial->modem_control;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE;
	case UART_MSR:
		return modem_status(serial);
	case UART_SCR:
		return serial->scratch;
	default:
		return 0;
	}
}
