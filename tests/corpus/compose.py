# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts a made-up machine together: a CPU, a platform, a kernel and who asks become answers.

It answers more than any probe asks; who keeps the machine trims it to what was asked.  What the
kernel makes of a CPU follows Linux: feat_ctl.c clears vmx that is locked off, and locks what is
not locked; amd.c clears svm under SVMDIS since 6.7; a module is loaded where its extension is.
"""
import base64
import errno
import os

import half
from cpus import ECX, EDX, FLAGS, VMX_FLAGS
from kernels import DISTRIBUTIONS, DEBIAN_12

FEATURE_CONTROL, EFER, VM_CR, SEV_STATUS = 0x3a, 0xc0000080, 0xc0010114, 0xc0010131
HYPERVISOR_BIT, VMX_BIT, SVM_BIT = 1 << 31, 1 << 5, 1 << 2
FIRST_NAMESPACE = "pid:[4026531836]"

# One answer of an L2 in each stage, as recorded in QEMU TCG: nonce, result, KVM_EXIT_IO, ...
L2_ANSWERS = {
    "real-mode": (0xd17c007a, 0x5f9acde2, 5, 0, 0x18687, 0),
    "long-mode": (0x99deec63, 0xce01bdca, 5, 0, 0xee69, 0),
    "nested-fault": (0xefbdbd9b, 0x2cf4b860, 5, 0, 0x11f81, 0),
    "exit-cost": (0xbd55300c, 0x3e78167a, 5, 0, 0x1000, 0x20),
}


def numbers(*values):
    return {"numbers": [f"0x{value:08x}" for value in values]}


def lines(*text):
    return {"lines": [*text, ""]}


def none(status, number, what):
    return {"status": status, "errno": number, "why": f"{what}: {os.strerror(number)}"}


def absent(path):
    return none("absent", errno.ENOENT, path)


def denied(path, number=errno.EACCES):
    return none("denied", number, path)


def kvp_pool(**pairs):
    """Pool 3 of Hyper-V's key-value exchange: records of a key of 512 bytes and a value of 2048."""
    records = b"".join(key.encode().ljust(512, b"\0") + value.encode().ljust(2048, b"\0")
                       for key, value in pairs.items())
    return {"base64": base64.b64encode(records).decode()}


class Guest:
    """One made-up machine; see the parameters for what can be said about it.

    hide       extensions that the platform does not pass on
    msrs       registers that differ from the CPU's; None: the register faults
    leaves     leaves of CPUID that differ from the CPU's
    odd        {cpu: leaves of CPUID that differ there}
    msr        "device", "none" (no msr module), "refused" (by the kernel, EPERM)
    root       whether root asks
    module     "fits" (loaded where its extension is), "not-loaded", "missing"
    device     /dev/kvm: "fits" (there with the module), or an answer
    l2         how an L2 fares: "runs", or {stage: answer}
    odd_msrs   {cpu: registers that differ there}
    clears     the flag that the kernel was told to clear (clearcpuid=)
    stale      flags that the kernel saw at boot, and that CPUID does not show any more
    log        lines of the kernel's log on KVM; None: what the kernel would say
    half       what differs from half.PLAIN in what this guest has for VMs of its own
    """

    def __init__(self, cpu, platform, kernel=DEBIAN_12, online="0-1", memory=16, disk=64, hide=(),
                 msrs=None, leaves=None, odd=None, msr="device", root=True, module="fits",
                 device="fits", l2="runs", slat="Y", parameters=None, ballooned=None, answers=None,
                 installed=(), cores=None, namespace=FIRST_NAMESPACE, half=None,
                 odd_msrs=None, clears=None, stale=(), log=None):
        self.cpu, self.platform, self.kernel = cpu, platform, kernel
        self.online = online
        self.cpus = [number for part in online.split(",") for number in
                     range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)]
        self.memory, self.disk, self.ballooned = memory, disk, ballooned
        self.odd, self.msr, self.root = odd or {}, msr, root
        self.module, self.device, self.l2 = module, device, l2
        self.slat, self.parameters = slat, parameters or {}
        self.installed, self.namespace = installed, namespace
        self.cores = cores or len(self.cpus)
        self.half, self.log = half, log
        self.odd_msrs, self.clears, self.stale = odd_msrs or {}, clears, stale
        self.more = (platform.get("answers") or {}) | (answers or {})
        self.leaves = self._leaves(hide, leaves or {})
        self.msrs = cpu["msrs"] | (msrs or {})

    # ---- CPU ---------------------------------------------------------------------------------------
    def _leaves(self, hide, changes):
        leaves = dict(self.cpu["leaves"])
        basic, extended = list(leaves[1]), list(leaves[0x80000001])
        if "vmx" in hide:
            basic[ECX] &= ~VMX_BIT
        if "svm" in hide:
            extended[ECX] &= ~SVM_BIT
        if self.platform.get("bare"):
            basic[ECX] &= ~HYPERVISOR_BIT
        else:
            basic[ECX] |= HYPERVISOR_BIT
            leaves[0x8000001f] = (0, 0, 0, 0)
        leaves |= {1: tuple(basic), 0x80000001: tuple(extended), 0x21: (0, 0, 0, 0)}
        return leaves | changes

    def leaf(self, cpu, number):
        value = self.odd.get(cpu, {}).get(number) or self.leaves.get(number, (0, 0, 0, 0))
        if number == 1:  # the initial APIC id
            value = (value[0], value[1] & 0x00ffffff | (cpu & 0xff) << 24, *value[2:])
        return value

    def bit(self, cpu, place):
        leaf, register, bit = place
        return self.leaf(cpu, leaf)[register] >> bit & 1

    def has(self, flag, cpu=0):
        return bool(self.bit(cpu, FLAGS[flag]))

    def _hypervisor(self, answers):
        ranges = self.platform["signatures"]
        empty = (0, 0, 0, 0)
        if self.platform.get("beyond") == "basic":
            empty = self.leaves.get(self.leaves[0][0], empty)
        for base in range(0x40000000, 0x40010000, 0x100):
            value = empty
            if base in ranges:
                highest, text = ranges[base]
                sign = text.encode().ljust(12, b"\0")
                value = (highest, *(int.from_bytes(sign[at:at + 4], "little")
                                    for at in (0, 4, 8)))
                answers[f"cpuid 0 0x{base + 1:08x} 0x00000000"] = numbers(0, 0, 0, 0)
            answers[f"cpuid 0 0x{base:08x} 0x00000000"] = numbers(*value)
        for number, value in self.platform.get("leaves", {}).items():
            answers[f"cpuid 0 0x{number:08x} 0x00000000"] = numbers(*value)

    def _cpuid(self, answers):
        for cpu in self.cpus:
            for number in self.leaves:
                value = self.leaf(cpu, number)
                answers[f"cpuid {cpu} 0x{number:08x} 0x00000000"] = numbers(*value)
        self._hypervisor(answers)

    # ---- registers ---------------------------------------------------------------------------------
    def register(self, number, cpu=0):
        """As the running kernel left it; None: it faults."""
        value = self.odd_msrs.get(cpu, {}).get(number, self.msrs.get(number))
        if number == FEATURE_CONTROL and value is not None and not value & 1:
            return value | 5  # init_ia32_feat_ctl
        if number == EFER and self.backend() == "kvm_amd":
            return value | 1 << 12
        return value

    def _msr(self, answers):
        wanted = [FEATURE_CONTROL, EFER, VM_CR, SEV_STATUS, *range(0x480, 0x493)]
        for cpu in self.cpus:
            path = f"/dev/cpu/{cpu}/msr"
            for number in wanted:
                value = self.register(number, cpu)
                if self.msr == "none":
                    answer = absent(path)
                elif not self.root:
                    answer = denied(path)
                elif self.msr == "refused":
                    answer = denied(path, errno.EPERM)
                elif value is None:
                    answer = {"status": "failed", "errno": errno.EIO,
                              "why": f"MSR 0x{number:x} faults"}
                else:
                    answer = numbers(value)
                answers[f"msr {cpu} 0x{number:08x}"] = answer

    # ---- the kernel's view -------------------------------------------------------------------------
    def vmx_works(self, cpu=0):
        control = self.odd_msrs.get(cpu, {}).get(FEATURE_CONTROL, self.msrs.get(FEATURE_CONTROL))
        return (self.has("vmx", cpu) or "vmx" in self.stale) and self.clears != "vmx" and control is not None and control & 5 in (0, 4, 5)

    def shows(self, flag, cpu):
        if flag == self.clears:
            return False
        if flag == "vmx":
            return self.vmx_works(cpu)
        if flag == "svm" and self.kernel["clears_svm"] and (self.msrs.get(VM_CR) or 0) & 0x10:
            return False
        if flag in ("npt", "nrip_save", "pausefilter") and not self.has("svm", cpu):
            return False
        return self.has(flag, cpu) or flag in self.stale

    def _vmx_words(self):
        return [word for word, (register, bit) in VMX_FLAGS.items()
                if (self.msrs.get(register) or 0) >> bit & 1]

    def _cpuinfo(self, answers):
        text = []
        for place, cpu in enumerate(self.cpus):
            flags = [flag for flag in FLAGS if self.shows(flag, cpu)]
            words = self._vmx_words() if self.vmx_works(cpu) else []
            if not self.kernel["vmx_flags_line"]:
                flags += [word for word in words if word in self.kernel["words_in_flags"]]
            text += [f"processor\t: {cpu}", f"vendor_id\t: {self.cpu['vendor']}",
                     f"model name\t: {self.cpu['name']}", "physical id\t: 0",
                     f"core id\t\t: {place % self.cores}", f"flags\t\t: {' '.join(flags)}"]
            if words and self.kernel["vmx_flags_line"]:
                text.append(f"vmx flags\t: {' '.join(words)}")
            text.append("")
        answers["file /proc/cpuinfo"] = lines(*text)

    def backend(self):
        """The module that is at work, if one is."""
        intel = self.cpu["vendor"] in ("GenuineIntel", "CentaurHauls")
        if self.module != "fits":
            return None
        if intel:
            return "kvm_intel" if all(self.vmx_works(cpu) for cpu in self.cpus) else None
        works = all(self.shows("svm", cpu) for cpu in self.cpus)
        return "kvm_amd" if works and not (self.msrs.get(VM_CR) or 0) & 0x10 else None

    def _kvm(self, answers):
        backend = self.backend()
        for name in ("kvm_intel", "kvm_amd", "kvm_pvm"):
            path = f"/sys/module/{name}"
            built_in = name in self.kernel["built_in"]
            there = lines("parameters") if built_in else lines("initstate", "parameters")
            answers[f"dir {path}"] = there if name == backend or built_in else absent(path)
        if backend:
            own = {"kvm_intel": {"ept": self.slat, "unrestricted_guest": "Y", "nested": "Y"},
                   "kvm_amd": {"npt": self.slat, "nested": "1"}}[backend] | self.parameters
            for name, value in own.items():
                answers[f"file /sys/module/{backend}/parameters/{name}"] = lines(value)
        release = self.kernel["release"]
        modules = [] if self.module == "missing" else self.kernel["modules"]
        answers[f"file /lib/modules/{release}/modules.builtin"] = lines(*self.kernel["builtin"])
        answers[f"file /lib/modules/{release}/modules.dep"] = lines(*modules)
        device = numbers(12) if backend else absent("/dev/kvm")
        if backend and not self.root:
            device = denied("/dev/kvm")
        answers["kvm"] = device if self.device == "fits" else self.device
        for stage, values in L2_ANSWERS.items():
            answers[f"l2 any {stage}"] = numbers(*values) if self.l2 == "runs" \
                else self.l2.get(stage, {"status": "skipped"})

    # ---- everything else ---------------------------------------------------------------------------
    def _smbios(self, answers, path):
        """SMBIOS type 0, where the kernel shows it (CONFIG_DMI_SYSFS): only to root."""
        extension = self.platform.get("smbios_extension_2")
        if extension is None or not self.kernel["dmi_sysfs"]:
            answers[f"file {path}"] = absent(path)
        elif not self.root:
            answers[f"file {path}"] = denied(path)
        else:
            table = bytes([0, 0x1a, 0, 0]) + bytes(0x0e) + bytes([3, extension]) + bytes(6)
            answers[f"file {path}"] = {"base64": base64.b64encode(table + b"\0\0").decode()}

    def _dmi(self, answers):
        ids = self.platform.get("dmi")
        directory = "/sys/class/dmi/id"
        answers["file /sys/firmware/acpi/tables/FACP"] = absent("/sys/firmware/acpi/tables/FACP")
        self._smbios(answers, "/sys/firmware/dmi/entries/0-0/raw")
        if not ids:
            answers[f"dir {directory}"] = absent(directory)
            for name in ("sys_vendor", "product_name"):
                answers[f"file {directory}/{name}"] = absent(f"{directory}/{name}")
            return
        answers[f"dir {directory}"] = lines(*sorted(ids))
        for name, text in ids.items():
            path = f"{directory}/{name}"
            secret = name == "product_uuid" and not self.root
            answers[f"file {path}"] = denied(path) if secret else lines(text)

    def _buses(self, answers):
        vmbus, balloon = self.platform.get("vmbus"), self.platform.get("balloon")
        places = {
            "/sys/bus/vmbus/devices": vmbus,
            "/sys/bus/vmbus/drivers/hv_balloon":
                [vmbus[0], "bind", "unbind"] if balloon == "hv_balloon" else None,
            "/sys/bus/virtio/drivers/virtio_balloon":
                ["bind", "unbind", "virtio0"] if balloon == "virtio_balloon" else None,
            "/sys/module/vmw_balloon": ["initstate"] if balloon == "vmw_balloon" else None,
            "/sys/devices/system/xen_memory":
                ["xen_memory0"] if balloon == "xen-balloon" else None,
            "/sys/bus/xen": ["devices", "drivers"] if self.platform.get("xen") else None,
            "/sys/firmware/qemu_fw_cfg": ["by_name", "rev"] if self.platform.get("fw_cfg") else None,
        }
        for path, names in places.items():
            answers[f"dir {path}"] = lines(*names) if names else absent(path)
        answers["file /var/lib/hyperv/.kvp_pool_3"] = absent("/var/lib/hyperv/.kvp_pool_3")
        answers["pci"] = lines(*self.platform["pci"]) if self.platform["pci"] else {"text": ""}

    def _software(self, answers):
        for path in ("/usr/bin/pveversion", "/usr/sbin/libvirtd", "/usr/sbin/virtqemud"):
            answers[f"link {path}"] = none("failed", errno.EINVAL, path) \
                if path in self.installed else absent(path)
        answers["file /proc/xen/capabilities"] = absent("/proc/xen/capabilities")
        said = next(text for end, text in DISTRIBUTIONS if end in self.kernel["release"])
        answers["file /etc/os-release"] = lines(*said.split("\n"))

    def _resources(self, answers):
        answers["file /sys/devices/system/cpu/online"] = lines(self.online)
        # the kernel keeps some 1.6 % of memory for itself
        total = self.memory * 1024 * 1024 * 984 // 1000
        more = [] if self.ballooned is None else [f"Balloon: {self.ballooned * 1024 * 1024} kB"]
        answers["file /proc/meminfo"] = lines(f"MemTotal: {total} kB", *more)
        blocks = self.disk * 1024 * 1024
        answers["file /proc/partitions"] = lines("major minor  #blocks  name", "",
                                                 f" 8        0 {blocks} sda")
        answers["disk /var"] = numbers(self.disk << 29, self.disk << 30)
        for path in ("/var/lib/libvirt/images", "/var/lib/vz"):
            answers[f"disk {path}"] = absent(path)

    def _system(self, answers):
        answers["uname"] = lines("Linux", self.kernel["release"], "#1 SMP", "x86_64")
        answers["file /proc/sys/kernel/random/boot_id"] = \
            lines("00000000-0000-4000-8000-000000000001")
        mode = self.kernel["lockdown"]
        path = "/sys/kernel/security/lockdown"
        answers[f"file {path}"] = absent(path) if mode is None else lines(mode)
        path = "/sys/devices/system/cpu/sev/vmpl"
        answers[f"file {path}"] = absent(path)
        answers["link /proc/self/ns/pid"] = {"text": self.namespace}
        for path in ("/run/systemd/container", "/run/.containerenv", "/.dockerenv"):
            answers[f"file {path}"] = absent(path)
        answers["file /proc/1/environ"] = {"text": ""} if self.root else denied("/proc/1/environ")
        answers["file /proc/1/cgroup"] = lines("0::/init.scope")
        option = f" clearcpuid={self.clears}" if self.clears else ""
        answers["file /proc/cmdline"] = lines(f"BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet{option}")
        answers["log"] = self._log()
        answers |= {"lost l2": numbers(0), "lost vmware": numbers(0)}

    def _log(self):
        """Debian and Ubuntu show the kernel's log to root only (dmesg_restrict)."""
        if not self.root:
            return denied("kernel log", errno.EPERM)
        said = []
        if self.has("vmx") and not self.vmx_works() and not self.clears:
            said = ["[    0.110000] x86/cpu: VMX (outside TXT) disabled by BIOS"]
        elif (self.msrs.get(SEV_STATUS) or 0) & 1:
            said = ["[    2.110000] kvm_amd: KVM is unsupported when running as an SEV guest"]
        elif self.has("svm") and (self.msrs.get(VM_CR) or 0) & 0x10 and not self.kernel["clears_svm"]:
            said = ["[    2.110000] kvm: support for 'kvm_amd' disabled by bios"]
        said = said if self.log is None else self.log
        return lines(*said) if said else {"text": ""}

    def _backdoor(self, answers):
        backdoor = self.platform.get("backdoor")
        fault = {"status": "failed", "why": "the port faulted"}
        told = isinstance(backdoor, tuple)
        answers["backdoor 0x0000000a"] = \
            numbers(6, 0x564d5868, backdoor[0], 0xa) if told else fault
        answers["backdoor 0x00000011"] = \
            numbers(backdoor[1], 0x564d5868, 0x11, 0xa) if told else fault

    def answers(self):
        """{question: answer}, with some that nobody asks."""
        answers = {}
        for part in (self._cpuid, self._msr, self._cpuinfo, self._kvm, self._dmi, self._buses,
                     self._software, self._resources, self._system, self._backdoor):
            part(answers)
        answers |= half.answers(self.half, self.installed, self.root, self.platform["signatures"])
        return answers | self.more
