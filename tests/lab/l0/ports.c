/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports.  There is no bus, no keyboard and no disk: what nobody serves reads as
 * ones, as on an idle ISA bus, and Linux finds nothing there.
 */
#include "tests/lab/l0/ports.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#define KEYBOARD       0x64
#define KEYBOARD_RESET 0xfe
#define CLOCK_DATA     0x71 /* reads as 0, which is "no update in progress" */

static struct serial *find_serial(struct ports *ports, uint16_t port)
{
	for (size_t i = 0; i < sizeof ports->serial / sizeof ports->serial[0]; i++)
		if (port >= ports->serial[i].port &&
		    port - ports->serial[i].port < SERIAL_REGISTERS)
			return &ports->serial[i];
	return NULL;
}

static void read_port(struct ports *ports, const struct vm *vm, uint16_t port, uint8_t *data,
                      size_t size)
{
	struct serial *serial = find_serial(ports, port);
	memset(data, 0xff, size);
	if (serial != NULL)
		data[0] = serial_read(serial, (unsigned)(port - serial->port));
	else if (port == CLOCK_DATA)
		data[0] = 0;
	else if (port == BACKDOOR_PORT && size == sizeof(uint32_t))
		memcpy(data, &(uint32_t){ backdoor_read(&ports->backdoor, vm) }, size);
}

/* False when the guest has reset itself by this. */
static bool write_port(struct ports *ports, uint16_t port, const uint8_t *data)
{
	struct serial *serial = find_serial(ports, port);
	if (serial != NULL)
		serial_write(serial, (unsigned)(port - serial->port), data[0]);
	return port != KEYBOARD || data[0] != KEYBOARD_RESET;
}

static bool serve_port(struct ports *ports, const struct vm *vm)
{
	bool goes_on = true;
	uint8_t *data = (uint8_t *)vm->run + vm->run->io.data_offset;
	for (uint32_t i = 0; i < vm->run->io.count && goes_on; i++) {
		if (vm->run->io.direction == KVM_EXIT_IO_IN)
			read_port(ports, vm, vm->run->io.port, data, vm->run->io.size);
		else
			goes_on = write_port(ports, vm->run->io.port, data);
		data += vm->run->io.size;
	}
	return goes_on;
}

int ports_run(struct ports *ports, const struct vm *vm, struct error *err)
{
	struct kvm_run *run = vm->run;
	for (;;) {
		if (ioctl(vm->vcpu_fd, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return error_set(err, ERROR_INTERNAL, errno, "KVM_RUN");
		}
		switch (run->exit_reason) {
		case KVM_EXIT_IO:
			if (!serve_port(ports, vm))
				return 0;
			break;
		case KVM_EXIT_MMIO:
			memset(run->mmio.data, 0xff, sizeof run->mmio.data);
			break;
		case KVM_EXIT_SHUTDOWN: /* a triple fault, Linux's last way to reset */
			return 0;
		case KVM_EXIT_FAIL_ENTRY:
			return error_set(err, ERROR_INTERNAL, 0, "the CPU refuses the guest: %#llx",
			                 run->fail_entry.hardware_entry_failure_reason);
		default:
			return error_set(err, ERROR_INTERNAL, 0, "exit %u, suberror %u",
			                 run->exit_reason, run->internal.suberror);
		}
	}
}
