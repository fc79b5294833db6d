# SPDX-License-Identifier: GPL-2.0-or-later
"""CPUs that the made-up machines of tests/snapshots/ are built from: what a probe asks of one.

The values of CPUID and of the VMX registers are those of real CPUs of the model, as their owners
published them (text dumps in the form of AIDA64); what is not from there says so.  A platform
underneath passes them on, or takes something away: that is in platforms.py.
"""

EAX, EBX, ECX, EDX = range(4)

# What a kernel shows of the bits in /proc/cpuinfo: (leaf, register, bit).  Only words that matter.
FLAGS = {
    "fpu": (1, EDX, 0), "lm": (0x80000001, EDX, 29), "nx": (0x80000001, EDX, 20),
    "vmx": (1, ECX, 5), "cx16": (1, ECX, 13), "sse4_2": (1, ECX, 20), "x2apic": (1, ECX, 21),
    "popcnt": (1, ECX, 23), "xsave": (1, ECX, 26), "hypervisor": (1, ECX, 31),
    "lahf_lm": (0x80000001, ECX, 0), "svm": (0x80000001, ECX, 2),
    "3dnowprefetch": (0x80000001, ECX, 8), "npt": (0x8000000a, EDX, 0),
    "nrip_save": (0x8000000a, EDX, 3), "pausefilter": (0x8000000a, EDX, 10),
}

# The words of the `vmx flags` line (Linux 5.6 and later): (register, bit).
VMX_FLAGS = {
    "vnmi": (0x481, 37), "flexpriority": (0x48b, 32), "tsc_offset": (0x482, 35),
    "vtpr": (0x482, 53), "mtf": (0x482, 59), "ept": (0x48b, 33), "ept_ad": (0x48c, 21),
    "ept_1gb": (0x48c, 17), "vpid": (0x48b, 37), "unrestricted_guest": (0x48b, 39),
    "shadow_vmcs": (0x48b, 46), "pml": (0x48b, 49),
}

# The registers that follow from nothing else on any Intel CPU with true controls.
VMX_FIXED = {0x486: 0x80000021, 0x487: 0xffffffff, 0x488: 0x2000}

# E5-2696 v3 and v4: CPUs without PREFETCHW among their bits, and with.
HASWELL_VMX = VMX_FIXED | {
    0x480: 0x00da040000000012, 0x481: 0x000000ff00000016, 0x482: 0xfff9fffe0401e172,
    0x483: 0x007fffff00036dff, 0x484: 0x0000ffff000011ff, 0x485: 0x300481e5, 0x489: 0x1767ff,
    0x48a: 0x2a, 0x48b: 0x02007fff00000000, 0x48c: 0x00000f0106334141,
    0x48d: 0x000000ff00000016, 0x48e: 0xfff9fffe04006172, 0x48f: 0x007fffff00036dfb,
    0x490: 0x0000ffff000011fb, 0x491: 0x1,
}
BROADWELL_VMX = HASWELL_VMX | {0x489: 0x3767ff, 0x48b: 0x00077fff00000000}


def intel(name, signature, basic, features, extended, vmx, flags_1=(0, 0xbfebfbff)):
    """An Intel CPU; features is leaf 1's ECX, extended leaf 0x80000001's ECX and EDX."""
    return {
        "name": name, "vendor": "GenuineIntel",
        "leaves": {
            0: (basic, 0x756e6547, 0x6c65746e, 0x49656e69),
            1: (signature, 0x00400800 | flags_1[0], features, flags_1[1]),
            0x80000000: (0x80000008, 0, 0, 0),
            0x80000001: (0, 0, *extended),
        },
        # As a firmware leaves 0x3A that enables VMX: locked, VMX outside SMX.
        "msrs": {0x3a: 0x5, 0xc0000080: 0xd01} | vmx,
    }


def amd(name, signature, features, extended, svm, memory=(0, 0, 0, 0), vendor="AuthenticAMD",
        max_extended=0x80000020):
    """An AMD CPU; svm is leaf 0x8000000A's EDX, memory leaf 0x8000001F."""
    text = vendor.encode()
    first, second, third = (int.from_bytes(text[at:at + 4], "little") for at in (0, 4, 8))
    return {
        "name": name, "vendor": vendor,
        "leaves": {
            0: (0x10, first, third, second),
            1: (signature, 0x000c0800, features, 0x178bfbff),
            0x80000000: (max_extended, first, third, second),
            0x80000001: (signature, 0x20000000, *extended),
            0x8000000a: (1, 0x8000, 0, svm),
            0x8000001f: memory,
        },
        "msrs": {0xc0000080: 0xd01, 0xc0010114: 0x0},
    }


SANDY_BRIDGE_EP = intel(
    "Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", 0x000206d7, 0xd, 0x1fbee3ff, (0x1, 0x2c100800),
    HASWELL_VMX | {0x483: 0x007fffff00036dff, 0x489: 0x0627ff, 0x48b: 0x000008ff00000000,
                   0x48c: 0x00000f0106114141})
HASWELL_EP = intel(
    "Intel(R) Xeon(R) CPU E5-2696 v3 @ 2.30GHz", 0x000306f2, 0xf, 0x7ffefbff, (0x21, 0x2c100800),
    HASWELL_VMX)
BROADWELL_EP = intel(
    "Intel(R) Xeon(R) CPU E5-2696 v4 @ 2.20GHz", 0x000406f1, 0x14, 0x7ffefbff,
    (0x121, 0x2c100800), BROADWELL_VMX)
SKYLAKE_SP = intel(
    "Intel(R) Xeon(R) Gold 6154 CPU @ 3.00GHz", 0x00050654, 0x16, 0x7ffefbff,
    (0x121, 0x2c100800), BROADWELL_VMX)
# CPUID of the client part of that core, with the server's signature.
ICE_LAKE_SP = intel(
    "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 0x000606a6, 0x1b, 0x7ffafbbf,
    (0x121, 0x2c100800),
    BROADWELL_VMX | {0x480: 0x00da050000000013, 0x483: 0x037fffff00036dff,
                     0x484: 0x0006ffff000011ff, 0x489: 0x772fff, 0x48a: 0x2e,
                     0x48b: 0x335fbfff00000000, 0x48c: 0x00000f0106734141,
                     0x48f: 0x037fffff00036dfb, 0x490: 0x0006ffff000011fb})
# The same core again, with the signature of Sapphire Rapids.
SAPPHIRE_RAPIDS = ICE_LAKE_SP | {
    "name": "Intel(R) Xeon(R) Platinum 8488C",
    "leaves": ICE_LAKE_SP["leaves"] | {0: (0x20, 0x756e6547, 0x6c65746e, 0x49656e69),
                                       1: (0x000806f8, 0x00400800, 0x7ffafbff, 0xbfebfbff)},
}
COFFEE_LAKE = intel(
    "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz", 0x000906ea, 0x16, 0x7ffafbbf,
    (0x121, 0x2c100800), BROADWELL_VMX)
ZHAOXIN = {
    "name": "ZHAOXIN KaiXian KX-7000/8@3.2GHz", "vendor": "CentaurHauls",
    "leaves": {
        0: (0x1f, 0x746e6543, 0x736c7561, 0x48727561),
        1: (0x000607b1, 0x00400800, 0x7ffa73eb, 0xbfcbfbff),
        0x80000000: (0x80000008, 0, 0, 0), 0x80000001: (0, 0, 0x121, 0x2c100800)},
    "msrs": {0x3a: 0x5, 0xc0000080: 0xd01} | HASWELL_VMX | {
        0x480: 0x00d8040000000007, 0x485: 0x200401e7, 0x489: 0x576fff, 0x48a: 0x32,
        0x48b: 0x02567fff00000000},
}

ZEN1 = amd("AMD EPYC 7601 32-Core Processor", 0x00800f12, 0x7ed8320b, (0x35c233ff, 0x2fd3fbff),
           0x1bcff, (0x7, 0x16f, 0xf, 1), max_extended=0x8000001f)
ZEN2 = amd("AMD EPYC 7742 64-Core Processor", 0x00830f10, 0x7ef8320b, (0x75c237ff, 0x2fd3fbff),
           0x13bcff, (0x1000f, 0x16f, 0x1fd, 1))
ZEN3 = amd("AMD EPYC 7763 64-Core Processor", 0x00a00f11, 0x7efa320b, (0x75c237ff, 0x2fd3fbff),
           0x101bbcff, (0x1780f, 0x173, 0x1fd, 1), max_extended=0x80000023)
RYZEN = amd("AMD Ryzen 7 5800X 8-Core Processor", 0x00a20f12, 0x7ef8320b,
            (0x75c237ff, 0x2fd3fbff), 0x101bbcff, (0x1780f, 0x173, 0x1fd, 1),
            max_extended=0x80000023)
HYGON = amd("Hygon C86 7185 32-core Processor", 0x00900f11, 0x76d8320b, (0x35c233ff, 0x2fd3fbff),
            0x1bcff, (0xf, 0x16f, 0xf, 5), vendor="HygonGenuine", max_extended=0x8000001f)

# Models of QEMU, which are no CPU ever made (target/i386/cpu.c).
KVM64 = intel("Common KVM processor", 0x00000f61, 0xd, 0x00002001, (0x1, 0x20100800), {},
              flags_1=(0, 0x078bfbff))
QEMU_SKYLAKE = SKYLAKE_SP | {"name": "Intel Xeon Processor (Skylake, IBRS)"}
QEMU_EPYC = ZEN2 | {"name": "AMD EPYC-Rome Processor"}

# What KVM offers a guest's hypervisor of VMX, whatever CPU it runs on (Linux 6.12,
# arch/x86/kvm/vmx/nested.c, nested_vmx_setup_ctls_msrs).
KVM_VMX = VMX_FIXED | {
    0x480: 0x00d8100011e57ed0, 0x481: 0x0000007f00000016, 0x482: 0xfff9fffe0401e172,
    0x483: 0x007fefff00036dff, 0x484: 0x0000d3ff000011ff, 0x485: 0x20000165, 0x489: 0x3727ff,
    0x48a: 0x2e, 0x48b: 0x00137bff00000000, 0x48c: 0x00000f0106334041,
    0x48d: 0x0000007f00000016, 0x48e: 0xfff9fffe04006172, 0x48f: 0x007fefff00036dfb,
    0x490: 0x0000d3ff000011fb, 0x491: 0x1,
}
# And of SVM (arch/x86/kvm/svm/svm.c, svm_set_cpu_caps): NPT, LBRV, NRIPS, TSC ratio, flush by
# ASID, pause filter and threshold, VMSAVE and VMLOAD, GIF.
KVM_SVM = 0x1945b
