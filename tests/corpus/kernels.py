# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that the made-up machines run, as far as a probe can tell them apart."""

MODULES = ["kernel/arch/x86/kvm/kvm.ko: kernel/virt/lib/irqbypass.ko",
           "kernel/arch/x86/kvm/kvm-intel.ko: kernel/arch/x86/kvm/kvm.ko",
           "kernel/arch/x86/kvm/kvm-amd.ko: kernel/arch/x86/kvm/kvm.ko"]
# What os-release says, by what the kernel's release says
DISTRIBUTIONS = (("-pve", "ID=debian"), ("-amd64", "ID=debian"), (".fc41", "ID=fedora"),
                 (".el8", 'ID="rhel"\nID_LIKE="fedora"'), (".el7", 'ID="centos"\nID_LIKE="rhel fedora"'),
                 ("4.19.0+1", 'ID="xenenterprise"\nID_LIKE="centos rhel fedora"'), ("", "ID=ubuntu\nID_LIKE=debian"))
BUILTIN = ["kernel/fs/binfmt_elf.ko"]

# Before Linux 5.6 some of the vmx words stood among the flags.
OLD_WORDS = ("vnmi", "flexpriority", "ept", "vpid", "ept_ad")


def kernel(release, clears_svm=False, vmx_flags_line=True, lockdown="[none] integrity confidentiality",
           built_in=(), modules=MODULES, builtin=BUILTIN, dmi_sysfs=True):
    """`dmi_sysfs`: shows SMBIOS entries; Debian and Red Hat have it built in, Ubuntu a module."""
    return {"release": release, "dmi_sysfs": dmi_sysfs, "clears_svm": clears_svm, "vmx_flags_line": vmx_flags_line,
            "words_in_flags": OLD_WORDS, "lockdown": lockdown, "built_in": built_in,
            "modules": modules, "builtin": builtin}


DEBIAN_12 = kernel("6.1.0-28-amd64")
UBUNTU_24 = kernel("6.8.0-50-generic", clears_svm=True, dmi_sysfs=False)
UBUNTU_SECURE_BOOT = UBUNTU_24 | {"lockdown": "none [integrity] confidentiality"}
FEDORA_41 = kernel("6.12.6-200.fc41.x86_64", clears_svm=True)
UBUNTU_AZURE = kernel("6.8.0-1020-azure", clears_svm=True)
UBUNTU_AWS = kernel("6.8.0-1021-aws", clears_svm=True)
UBUNTU_GCP = kernel("6.8.0-1021-gcp", clears_svm=True)
PROXMOX_8 = kernel("6.8.12-5-pve", clears_svm=True)
# Red Hat's kernel 4.18 refuses the msr device under secure boot, and tells of VMX in the flags.
RHEL_8 = kernel("4.18.0-553.el8_10.x86_64", vmx_flags_line=False,
                lockdown="none [integrity] confidentiality")
CENTOS_7 = kernel("3.10.0-1160.el7.x86_64", vmx_flags_line=False, lockdown=None)
XCP_NG = kernel("4.19.0+1", vmx_flags_line=False, lockdown=None, modules=[])
# Microsoft's kernel of WSL 2 has KVM built in.
WSL = kernel("5.15.167.4-microsoft-standard-WSL2", lockdown=None, built_in=("kvm_intel", "kvm_amd"),
             modules=[], builtin=["kernel/arch/x86/kvm/kvm.ko", "kernel/arch/x86/kvm/kvm-intel.ko",
                                  "kernel/arch/x86/kvm/kvm-amd.ko"])
# A kernel for microVMs, without modules.
MICROVM = kernel("6.1.102", lockdown=None, modules=[], builtin=[])
