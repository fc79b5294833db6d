# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines that were written by hand, because their platform cannot be booted in a lab.

Each is a name, what it is and after which sources it was written, and its pieces.  None was ever
recorded on the product: where a product shows something else than its documents say, these are
wrong with them.  A machine that a user sends (`nestready capture`) replaces one of these.
"""
import errno

from compose import Guest, denied, kvp_pool, lines, none, numbers
from cpus import (BROADWELL_EP, COFFEE_LAKE, HASWELL_EP, ICE_LAKE_SP, KVM64, KVM_SVM, KVM_VMX,
                  QEMU_EPYC, QEMU_SKYLAKE, RYZEN, SANDY_BRIDGE_EP, SAPPHIRE_RAPIDS, SKYLAKE_SP,
                  ZEN1, ZEN2, ZEN3, ZHAOXIN)
from kernels import (CENTOS_7, DEBIAN_12, FEDORA_41, MICROVM, PROXMOX_8, RHEL_8, UBUNTU_24,
                     UBUNTU_AWS, UBUNTU_AZURE, UBUNTU_GCP, UBUNTU_SECURE_BOOT, WSL, XCP_NG)
from platforms import (AZURE_TAG, BHYVE, BIOS_DMI, CLOUD_HYPERVISOR, EC2_XEN, ESX, ESXI_7_DMI,
                       ESXI_8_DMI, FIRECRACKER, GCP, GCP_GVNIC, GEN1_DMI, GEN1_PCI, GEN2_DMI,
                       HV_BUILDS, HV_ISOLATED, HV_ROOT, KUBEVIRT, LIBVIRT, LIBVIRT_E1000E, NUTANIX,
                       OPENSTACK, OVIRT, PARALLELS, PROXMOX, Q35_DMI, Q35_PCI, VBOX_HYPERV,
                       VBOX_KVM, VIRTIO_PCI, WORKSTATION, WSL2, enlightened, hyperv, kvm, leaf,
                       metal, nitro, pci, viridian, vmware, xen)

MACHINES = {}
VMX, SVM = ("vmx",), ("svm",)

# Sources by the platform that they are about.
OPEN_VM_TOOLS = "open-vm-tools backdoor_def.h, VMware DOC-8970 and KB 315655, kernel logs"
TLFS = "Hyper-V's functional specification, kernel logs and Microsoft's nested virtualization pages"
KVM_DOCS = "Linux Documentation/virt/kvm/x86/cpuid.rst and running-nested-guests.rst, QEMU's manual"
SYSTEMD = "systemd src/basic/virt.c, pci.ids"


def machine(name, what, sources, *pieces, large=False, **more):
    """Adds one; a `large` one is put together when it is replayed, and not kept."""
    MACHINES[name] = {"note": f"{what}; written by hand after {sources}; never recorded on the "
                              "product", "guest": Guest(*pieces, **more), "large": large}


# ---- VMware ------------------------------------------------------------------------------------------
ESXI_8, ESXI_7 = vmware(ESX, 20, ESXI_8_DMI), vmware(ESX, 19, ESXI_7_DMI)

machine("esxi-8-hidden", "ESXi 8.0, a new VM of hardware version 20 as the wizard makes it",
        OPEN_VM_TOOLS, SKYLAKE_SP, ESXI_8, DEBIAN_12, hide=VMX, msr="none")
machine("esxi-8-exposed", "ESXi 8.0, hardware virtualization exposed, module loaded, an L2 ran",
        OPEN_VM_TOOLS, SKYLAKE_SP, ESXI_8, DEBIAN_12, online="0-3")
machine("esxi-7-exposed-amd", "ESXi 7.0 U3 on AMD, hardware virtualization exposed",
        OPEN_VM_TOOLS, ZEN2, ESXI_7, UBUNTU_24, msr="none")
machine("esxi-7-user", "the same VM on Intel, seen by an ordinary user", OPEN_VM_TOOLS,
        SKYLAKE_SP, ESXI_7, UBUNTU_24, msr="none", root=False)
machine("esxi-hardware-8", "ESXi 6.5 with a VM of hardware version 8, made in the days of 5.0",
        OPEN_VM_TOOLS, SANDY_BRIDGE_EP,
        vmware(ESX, 8, BIOS_DMI, nic="8086:100f", storage="1000:0030"), CENTOS_7, hide=VMX)
machine("esxi-restricted-backdoor", "ESXi 8.0, monitor_control.restrict_backdoor=TRUE, not exposed",
        OPEN_VM_TOOLS, ICE_LAKE_SP, vmware(ESX, None, ESXI_8_DMI), DEBIAN_12, hide=VMX)
machine("esxi-signature-hidden", "ESXi 8.0 with hypervisor.cpuid.v0=FALSE and VT-x exposed",
        OPEN_VM_TOOLS, SKYLAKE_SP, ESXI_8 | {"signatures": {}, "bare": True, "balloon": None}, DEBIAN_12)
machine("esxi-8-e1000", "ESXi 8.0, VT-x exposed, but an e1000 adapter as old templates have it",
        OPEN_VM_TOOLS, SKYLAKE_SP, vmware(ESX, 14, ESXI_7_DMI, nic="8086:100f"), DEBIAN_12)
machine("esxi-8-sandy-bridge", "ESXi 7.0 on Sandy Bridge, VT-x exposed: ESXi 8 dropped this CPU",
        OPEN_VM_TOOLS, SANDY_BRIDGE_EP, ESXI_7, DEBIAN_12)
machine("esxi-67-hidden", "ESXi 6.7, a VM of hardware version 14 with EFI, as the wizard makes it",
        OPEN_VM_TOOLS, BROADWELL_EP, vmware(ESX, 14, ESXI_7_DMI), CENTOS_7, hide=VMX)
machine("esx-9-exposed", "ESX 9.0, hardware version 22, NVMe, hardware virtualization exposed", OPEN_VM_TOOLS,
        SAPPHIRE_RAPIDS, vmware(ESX, 22, ESXI_8_DMI, storage="15ad:07f0"), UBUNTU_24, online="0-3")
machine("workstation-vbs", "Workstation 17 on Windows with VBS on: VT-x cannot be exposed",
        OPEN_VM_TOOLS + ", Player 17 documentation on host VBS mode", COFFEE_LAKE,
        vmware(WORKSTATION, 21, ESXI_8_DMI, nic="8086:100f", storage="1000:0030"), UBUNTU_24,
        hide=VMX, memory=8)
machine("workstation-exposed", "Workstation 17 on Linux, AMD-V exposed", OPEN_VM_TOOLS, RYZEN,
        vmware(WORKSTATION, 21, ESXI_8_DMI, nic="8086:10d3", storage="15ad:07f0"), UBUNTU_24,
        memory=16, msr="none")
machine("fusion", "Fusion 13 on an Intel Mac, hypervisor applications enabled", OPEN_VM_TOOLS,
        COFFEE_LAKE, vmware(WORKSTATION, 20, ESXI_8_DMI, storage="15ad:07e0"), FEDORA_41,
        memory=8)

# ---- Hyper-V -----------------------------------------------------------------------------------------
INTEL_ENLIGHTENED = 0x3e0101  # nested features of 0x4000000A, as logs have them on Intel

machine("hyperv-2016-hidden", "Windows Server 2016, generation 2, Intel, as it comes", TLFS,
        HASWELL_EP, hyperv("2016", highest=0x4000000b), DEBIAN_12, hide=VMX, msr="none",
        answers={"file /var/lib/hyperv/.kvp_pool_3": kvp_pool(
            HostName="host.example.net", HostingSystemNestedLevel="0",
            VirtualMachineName="guest", VirtualMachineDynamicMemoryBalancingEnabled="0",
            VirtualMachineId="00000000-0000-4000-8000-000000000003",
            PhysicalHostNameFullyQualified="host.example.net")})
machine("hyperv-2019-exposed", "Windows Server 2019, Intel, ExposeVirtualizationExtensions",
        TLFS, BROADWELL_EP, hyperv("2019", nested_features=INTEL_ENLIGHTENED), UBUNTU_24, online="0-3")
machine("hyperv-2019-amd", "Windows Server 2019 on AMD: it cannot nest there", TLFS, ZEN2,
        hyperv("2019"), UBUNTU_24, hide=SVM)
machine("hyperv-2022-amd-hidden", "Windows Server 2022 on AMD, as it comes", TLFS, ZEN3,
        hyperv("2022"), UBUNTU_24, hide=SVM)
machine("hyperv-2022-amd-exposed", "Windows Server 2022 on AMD, ExposeVirtualizationExtensions",
        TLFS, ZEN3, hyperv("2022", nested_features=0x4a0000), UBUNTU_24, msr="none")
machine("hyperv-mac-filtered", "the same VM behind a switch that lets its own MAC pass only", TLFS + ", its "
        "page on MAC address spoofing", ZEN3, hyperv("2022", nested_features=0x4a0000), UBUNTU_24, msr="none",
        answers={"nics": lines("nic 2 eth0 0 1500 0x7 - hv_netvsc 00:15:5d:00:00:01 00:15:5d:00:00:01",
                               "own 2 0 192.0.2.2", "gateway 2 0 192.0.2.1"),
                 "mac-experiment eth0 ipv4": lines(
                     "family ipv4", "responder 192.0.2.1", "alive seen", "ingress silent", "egress silent",
                     "nested silent", "echo seen", "forged-echo silent", "forged 8")})
machine("hyperv-2022-gen1", "Windows Server 2022, generation 1, Intel, exposed, legacy adapter",
        TLFS, ICE_LAKE_SP,
        hyperv("2022", dmi=GEN1_DMI, nested_features=INTEL_ENLIGHTENED,
               devices=GEN1_PCI + pci("00:0a.0 0200 1011:0009 0000:0000")), DEBIAN_12)
machine("hyperv-2025-exposed", "Windows Server 2025, Intel, ExposeVirtualizationExtensions", TLFS,
        SAPPHIRE_RAPIDS, hyperv("2025", nested_features=INTEL_ENLIGHTENED), UBUNTU_24, online="0-3")
machine("windows-11-amd", "Hyper-V of Windows 11 on AMD, as it comes", TLFS, RYZEN, hyperv("windows-11"),
        UBUNTU_24, hide=SVM, memory=8, msr="none")
machine("hyperv-dynamic-memory", "Windows Server 2022, exposed, dynamic memory on by KVP", TLFS,
        ICE_LAKE_SP, hyperv("2022", nested_features=INTEL_ENLIGHTENED), UBUNTU_24,
        memory=6, answers={"file /var/lib/hyperv/.kvp_pool_3": kvp_pool(
            HostName="host.example.net", HostingSystemNestedLevel="0",
            VirtualMachineName="guest", VirtualMachineDynamicMemoryBalancingEnabled="1",
            VirtualMachineId="00000000-0000-4000-8000-000000000003",
            PhysicalHostNameFullyQualified="host.example.net")})
machine("hyperv-nested-host", "a host that is itself nested (KVP: level 1), not exposed", TLFS,
        ICE_LAKE_SP, hyperv("2022", hints=0x65e24), UBUNTU_24, hide=VMX,
        answers={"file /var/lib/hyperv/.kvp_pool_3": kvp_pool(
            HostName="inner.example.net", HostingSystemNestedLevel="1",
            VirtualMachineName="guest", VirtualMachineDynamicMemoryBalancingEnabled="0",
            VirtualMachineId="00000000-0000-4000-8000-000000000003",
            PhysicalHostNameFullyQualified="inner.example.net")})
machine("hyperv-root", "Linux as root partition of the Microsoft hypervisor (Azure Linux, mshv)",
        TLFS + ", Linux drivers/hv", ICE_LAKE_SP,
        hyperv("2025", dmi=Q35_DMI | {"sys_vendor": "Dell Inc.", "product_name": "PowerEdge R750",
                                      "bios_vendor": "Dell Inc.", "bios_version": "1.12.1"},
               devices=pci("00:00.0 0600 8086:09a2 1028:0a6b", "17:00.0 0104 1000:00e6 1028:2171",
                           "65:00.0 0200 8086:1593 1028:0000"), privileges=HV_ROOT)
        | {"vmbus": None, "balloon": None}, DEBIAN_12, hide=VMX)
machine("azure-d4s-v5", "Azure Standard_D4s_v5, security type Standard", TLFS + ", Azure size pages",
        ICE_LAKE_SP, hyperv("2022", dmi=GEN2_DMI | AZURE_TAG, nested_features=INTEL_ENLIGHTENED),
        UBUNTU_AZURE, msr="none")
machine("azure-d4s-v5-nat", "Azure Standard_D4s_v5 with libvirt and its NAT", TLFS + ", Azure size pages",
        ICE_LAKE_SP, hyperv("2022", dmi=GEN2_DMI | AZURE_TAG, nested_features=INTEL_ENLIGHTENED),
        UBUNTU_AZURE, msr="none", installed=("/usr/sbin/libvirtd",))
machine("azure-trusted-launch", "Azure, security type Trusted Launch: VT-x is not passed on",
        TLFS + ", azure-docs issue 87947", ICE_LAKE_SP, hyperv("2022", dmi=GEN2_DMI | AZURE_TAG),
        UBUNTU_AZURE, hide=VMX, msr="none")
machine("azure-lab-services", "Azure Lab Services, a lab VM of size Medium, which does not nest", TLFS
        + ", Azure Lab Services' pages", SKYLAKE_SP,
        hyperv("2022", dmi=GEN1_DMI | AZURE_TAG, devices=GEN1_PCI),
        UBUNTU_AZURE, hide=VMX, msr="none")
machine("azure-confidential", "Azure DCasv5: SEV-SNP behind a paravisor", TLFS, ZEN3,
        hyperv("2022", dmi=GEN2_DMI | AZURE_TAG, privileges=HV_ISOLATED, isolation=2),
        UBUNTU_AZURE, hide=SVM, msr="none")
machine("wsl2", "WSL 2 on Windows 11, nestedVirtualization=true, Intel",
        TLFS + ", WSL's kernel configuration", COFFEE_LAKE,
        WSL2 | {"leaves": hyperv("windows-11", nested_features=INTEL_ENLIGHTENED)["leaves"]}, WSL,
        memory=8, namespace="pid:[4026532227]")
machine("wsl2-off", "WSL 2 on Windows 11, nestedVirtualization=false", TLFS + ", WSL issue 40735",
        COFFEE_LAKE, WSL2, WSL, hide=VMX, memory=8, namespace="pid:[4026532227]")

# ---- clouds ------------------------------------------------------------------------------------------
EC2_DOCS = "AWS EC2 user guide on nested virtualization, " + SYSTEMD

machine("ec2-m8i-nested", "EC2 m8i.xlarge, NestedVirtualization=enabled", EC2_DOCS,
        SAPPHIRE_RAPIDS, nitro("m8i.xlarge"), UBUNTU_AWS, msr="none", online="0-3")
machine("ec2-m6i", "EC2 m6i.xlarge: this family does not nest", EC2_DOCS, ICE_LAKE_SP,
        nitro("m6i.xlarge"), UBUNTU_AWS, hide=VMX, msr="none")
machine("ec2-xen", "EC2 t2.medium, on Xen", EC2_DOCS, HASWELL_EP, EC2_XEN, UBUNTU_AWS, hide=VMX,
        memory=4, msr="none")
machine("ec2-metal", "EC2 c5.metal: no hypervisor underneath", EC2_DOCS, SKYLAKE_SP,
        metal("Amazon EC2", "c5.metal", bios="Amazon EC2", nic="1d0f:ec20", storage="1d0f:8061",
              classes="0108"), UBUNTU_AWS, online="0-3", memory=192)
GCE_DOCS = "Google Compute Engine's nested virtualization overview, " + SYSTEMD
machine("gcp-n2-nested", "Compute Engine n2-standard-4, enableNestedVirtualization", GCE_DOCS,
        SKYLAKE_SP, GCP, UBUNTU_GCP, msrs=KVM_VMX, msr="none")
machine("gcp-n2d", "Compute Engine n2d-standard-4: AMD does not nest", GCE_DOCS, ZEN3, GCP_GVNIC, UBUNTU_GCP,
        hide=SVM, msr="none")
machine("gcp-e2", "Compute Engine e2-medium: E2 does not nest", GCE_DOCS, SKYLAKE_SP, GCP_GVNIC,
        UBUNTU_GCP, hide=VMX, memory=4, msr="none")

# ---- KVM and what is made of it ----------------------------------------------------------------------
machine("libvirt-host", "libvirt with cpu mode host-passthrough, Intel, an L2 ran", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX,
        installed=("/usr/sbin/libvirtd",))
machine("libvirt-in-libvirt", "libvirt in a VM of libvirt, both with 192.168.122.0/24, beside Docker; "
        "called by sudo of a user in no group kvm", KVM_DOCS + ", libvirt's wiki", ICE_LAKE_SP, LIBVIRT, DEBIAN_12,
        msrs=KVM_VMX, installed=("/usr/sbin/libvirtd",), half={
            "routes": (("enp1s0", "0.0.0.0", "192.168.122.1", "0.0.0.0"),
                       ("docker0", "172.17.0.0", "0.0.0.0", "255.255.0.0"),
                       ("enp1s0", "192.168.122.0", "0.0.0.0", "255.255.255.0")),
            "devices": ("docker0", "lo"), "bridges": (), "shutdown": False,
            "caller": ("uid 1000", "name user-1", "through sudo", "gids 1000 27")})
machine("libvirt-bridges", "libvirt with a NAT that was hardened away, Docker and br_netfilter, an idle IOMMU and "
        "the HPET", KVM_DOCS, ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX,
        installed=("/usr/sbin/virtqemud",), half={
            "devices": ("br0", "docker0", "lo", "tap0", "virbr0"), "bridges": ("br0", "virbr0"),
            "forwarding": "0", "bridge_firewall": "1", "services": False, "tables": ("DMAR",),
            "huge_pages": "always madvise [never]", "clock": "hpet"})
machine("proxmox-on-debian", "Proxmox VE put on a Debian, its network not made, pve-cluster down",
        KVM_DOCS + ", Proxmox VE's guide", ZEN3, PROXMOX, PROXMOX_8,
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, installed=("/usr/bin/pveversion",), online="0-3",
        half={"devices": ("lo",), "bridges": (), "services": False})
machine("libvirt-esxi-ready", "a VM made for ESXi 8: host-passthrough, q35, e1000e, SATA", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT_E1000E, DEBIAN_12, msrs=KVM_VMX)
machine("libvirt-named-model", "libvirt with the CPU model EPYC-Rome, which has no svm",
        KVM_DOCS + ", kubevirt issue 10508", QEMU_EPYC, LIBVIRT, DEBIAN_12, hide=SVM,
        msr="none")
machine("libvirt-no-npt", "host-passthrough on AMD, the host's kvm_amd with npt=0", KVM_DOCS, ZEN2,
        LIBVIRT, DEBIAN_12, leaves={0x8000000a: (1, 8, 0, KVM_SVM & ~1)}, slat="N")
machine("libvirt-no-ept", "host-passthrough on Intel, the host's kvm_intel with ept=0", KVM_DOCS,
        HASWELL_EP, LIBVIRT, DEBIAN_12, slat="N", parameters={"unrestricted_guest": "N"},
        msrs=KVM_VMX | {0x48b: 0x0000005c00000000, 0x48c: 0, 0x491: None})
machine("libvirt-enlightened", "libvirt's settings for Windows guests: hv-* flags, host CPU",
        KVM_DOCS, ICE_LAKE_SP, enlightened(LIBVIRT), DEBIAN_12, msrs=KVM_VMX)
machine("libvirt-hidden", "kvm=off and hypervisor=off: only DMI and PCI speak", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT | {"signatures": {}, "leaves": {}, "bare": True}, DEBIAN_12,
        msrs=KVM_VMX)
machine("libvirt-module-not-loaded", "svm is there, kvm_amd is blacklisted", KVM_DOCS, ZEN3, LIBVIRT,
        DEBIAN_12, leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, module="not-loaded", msr="none")
machine("libvirt-module-missing", "vmx is there, the kernel was built without KVM", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX, module="missing")
machine("libvirt-kvm-denied", "/dev/kvm refuses root (a device cgroup)", KVM_DOCS, ICE_LAKE_SP,
        LIBVIRT, DEBIAN_12, msrs=KVM_VMX, msr="none", device=denied("/dev/kvm", errno.EPERM))
machine("libvirt-user", "an ordinary user who is in no group kvm", KVM_DOCS, ICE_LAKE_SP, LIBVIRT,
        UBUNTU_24, msrs=KVM_VMX, msr="none", root=False)
machine("libvirt-busy", "VirtualBox in this guest holds VMX: KVM_CREATE_VM says EBUSY", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX,
        l2={"real-mode": none("failed", errno.EBUSY, "KVM_CREATE_VM")})
machine("libvirt-l2-hangs", "the flags are there and the L2 does not come back", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX,
        l2={"real-mode": {"status": "failed", "errno": errno.ETIMEDOUT,
                          "why": "the L2 did not come back within 2000 ms"}})
machine("libvirt-entry-refused", "kvm_intel loads and the CPU refuses the entry", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX,
        l2={"real-mode": {"status": "failed",
                          "why": "the CPU refused to enter the L2, hardware reason 0x80000021",
                          **numbers(0xd17c007a, 0, 9, 0x80000021, 0x1868, 1)}})
machine("libvirt-lost-machine", "an earlier boot ended while the L2 ran", KVM_DOCS, ICE_LAKE_SP,
        LIBVIRT, DEBIAN_12, msrs=KVM_VMX, answers={"lost l2": numbers(1)})
machine("libvirt-differing", "CPU 1 was defined without svm", KVM_DOCS, ZEN2, LIBVIRT, DEBIAN_12,
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)},
        odd={1: {0x80000001: (0x00830f10, 0x20000000, 0x75c237fb, 0x2fd3fbff)}})
machine("libvirt-offline", "CPUs 1 and 3 of 4 are offline", KVM_DOCS, ZEN2, LIBVIRT, DEBIAN_12,
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, online="0,2")
machine("libvirt-small", "one CPU, 1 GiB", KVM_DOCS, ZEN2, LIBVIRT, DEBIAN_12, online="0",
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, memory=1, disk=10)
machine("libvirt-ballooned", "half of the memory is ballooned away", KVM_DOCS, ICE_LAKE_SP, LIBVIRT,
        FEDORA_41, msrs=KVM_VMX, memory=4, ballooned=4)
machine("libvirt-locked-off", "0x3A is locked without VMX, by a firmware in between", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, DEBIAN_12, msrs=KVM_VMX | {0x3a: 0x1})
machine("libvirt-3a-faults", "vmx in CPUID, and 0x3A faults", KVM_DOCS, ICE_LAKE_SP, LIBVIRT,
        DEBIAN_12, msrs={register: None for register in (0x3a, *range(0x480, 0x493))})
machine("libvirt-secure-boot", "RHEL 8 under secure boot: its kernel refuses the msr device",
        KVM_DOCS, ICE_LAKE_SP, LIBVIRT, RHEL_8, msrs=KVM_VMX, msr="refused", module="not-loaded")
machine("libvirt-container", "a Docker container in such a VM, without /dev/kvm", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT, UBUNTU_SECURE_BOOT, msrs=KVM_VMX, msr="none",
        namespace="pid:[4026532614]",
        device=none("absent", errno.ENOENT, "/dev/kvm"),
        answers={"file /.dockerenv": {"text": ""}})
machine("libvirt-container-not-loaded", "a Podman container without /lib/modules; kvm_amd not loaded",
        KVM_DOCS, ZEN3, LIBVIRT, UBUNTU_24, module="not-loaded", msr="none",
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, namespace="pid:[4026532614]",
        answers={f"file /lib/modules/{UBUNTU_24['release']}/modules.{name}":
                 none("absent", errno.ENOENT, f"/lib/modules/{UBUNTU_24['release']}/modules.{name}")
                 for name in ("builtin", "dep")} | {"file /run/.containerenv": {"text": ""}})
machine("libvirt-sev", "an SEV-ES guest of libvirt: the CPU says svm, and kvm_amd refuses",
        KVM_DOCS + ", AMD's manual volume 2, 15.34", ZEN3, LIBVIRT, UBUNTU_24, module="not-loaded",
        leaves={0x8000000a: (1, 8, 0, KVM_SVM), 0x8000001f: (0xa, 0x73, 0, 0)},
        msrs={0xc0010131: 0x3})
machine("libvirt-tdx", "a TDX guest", KVM_DOCS + ", Intel's TDX module specification",
        SAPPHIRE_RAPIDS, LIBVIRT, UBUNTU_24, hide=VMX, msr="none",
        leaves={0: (0x23, 0x756e6547, 0x6c65746e, 0x49656e69),
                                            0x21: (0, 0x65746e49, 0x20202020, 0x5844546c)})
machine("libvirt-vmport", "a KVM guest whose vmport answers like VMware's backdoor", KVM_DOCS,
        ICE_LAKE_SP, LIBVIRT | {"backdoor": (ESX, 6)}, DEBIAN_12, hide=VMX)
machine("proxmox-kvm64", "Proxmox VE with its old default CPU kvm64",
        KVM_DOCS + ", Proxmox VE's guide", KVM64, PROXMOX, DEBIAN_12, hide=VMX, msr="none")
machine("proxmox-ovmf", "Proxmox VE with OVMF, q35 and CPU x86-64-v2-AES: its firmware names it",
        KVM_DOCS + ", Proxmox VE's guide", QEMU_SKYLAKE, PROXMOX | {
            "dmi": Q35_DMI | {"bios_vendor": "Proxmox distribution of EDK II",
                              "bios_version": "4.2025.02-4"}}, DEBIAN_12, hide=VMX, msr="none")
machine("proxmox-host", "Proxmox VE with CPU type host, and Proxmox VE in it",
        KVM_DOCS + ", Proxmox VE's guide", ZEN3, PROXMOX, PROXMOX_8,
        leaves={0x8000000a: (1, 8, 0, KVM_SVM)}, installed=("/usr/bin/pveversion",), online="0-3")
machine("proxmox-windows", "Proxmox VE, OS type Windows (hv-* flags), CPU x86-64-v2-AES",
        KVM_DOCS + ", Proxmox VE's guide", QEMU_SKYLAKE, enlightened(PROXMOX), DEBIAN_12, hide=VMX,
        msr="none")
machine("openstack-custom", "OpenStack with a CPU model without vmx",
        KVM_DOCS + ", OpenStack Nova's guide", QEMU_SKYLAKE, OPENSTACK, UBUNTU_24, hide=VMX,
        memory=8, msr="none")
machine("openstack-passthrough", "OpenStack with cpu_mode=host-passthrough",
        KVM_DOCS + ", OpenStack Nova's guide", ICE_LAKE_SP, OPENSTACK, UBUNTU_24, msrs=KVM_VMX,
        msr="none")
machine("ovirt", "oVirt without host CPU passthrough", KVM_DOCS + ", " + SYSTEMD, QEMU_SKYLAKE,
        OVIRT, RHEL_8, hide=VMX, msr="refused")
machine("kubevirt", "KubeVirt with host-model, AMD", KVM_DOCS + ", kubevirt issue 10508", QEMU_EPYC,
        KUBEVIRT, FEDORA_41, hide=SVM, msr="none")
machine("nutanix", "Nutanix AHV as it comes", KVM_DOCS + ", " + SYSTEMD, QEMU_SKYLAKE, NUTANIX,
        RHEL_8, hide=VMX, msr="none")
machine("cloud-hypervisor", "Cloud Hypervisor on KVM, nested on", KVM_DOCS + ", its source",
        ICE_LAKE_SP, CLOUD_HYPERVISOR, UBUNTU_24, msrs=KVM_VMX, msr="none")
machine("firecracker", "Firecracker with CPU template T2: no VMX", KVM_DOCS + ", its documentation",
        ICE_LAKE_SP, FIRECRACKER, MICROVM, hide=VMX, msr="none", memory=1, disk=4)

# ---- VirtualBox, Xen, others -------------------------------------------------------------------------
VBOX_DOCS = "VirtualBox's manual and sources (GIMHv.cpp, GIMKvm.cpp, CPUM)"
machine("virtualbox-off", "VirtualBox 7, paravirtualization KVM, Nested VT-x off", VBOX_DOCS,
        COFFEE_LAKE, VBOX_KVM, DEBIAN_12, hide=VMX, memory=8, msr="none")
machine("virtualbox-no-ept", "VirtualBox 6.1, Nested VT-x on, EPT not passed on", VBOX_DOCS,
        COFFEE_LAKE, VBOX_HYPERV, DEBIAN_12, memory=8, slat="N",
        parameters={"unrestricted_guest": "N"},
        msrs={0x48b: 0x0000105400000000, 0x48c: None, 0x491: None})
machine("virtualbox-ept", "VirtualBox 7 on AMD, Nested AMD-V on, with nested paging", VBOX_DOCS,
        RYZEN, VBOX_KVM, UBUNTU_24, leaves={0x8000000a: (1, 0x10, 0, 0x9)}, memory=8)
XEN_DOCS = "Xen public/arch-x86/cpuid.h, xl.cfg(5), XCP-ng's documentation"
machine("xen-hvm", "Xen 4.17, HVM, as it comes", XEN_DOCS, HASWELL_EP, xen(4, 17), DEBIAN_12,
        hide=VMX, msr="none")
machine("xcp-ng-nested", "XCP-ng 8.3, platform:nested-virt=true: the L2 may kill this guest",
        XEN_DOCS + ", xcp-ng/xcp issue 562", HASWELL_EP, xen(4, 17, "5853:c200"), DEBIAN_12)
machine("xcp-ng-82", "XCP-ng 8.2 or Citrix Hypervisor 8.2 (Xen 4.13), HVM, as it comes", XEN_DOCS, SKYLAKE_SP,
        xen(4, 13, "5853:c000"), DEBIAN_12, hide=VMX, msr="none")
machine("xen-viridian", "XenServer with its Windows template: Hyper-V's range comes first",
        XEN_DOCS, SKYLAKE_SP, viridian(xen(4, 13, "5853:c000")), DEBIAN_12, hide=VMX, msr="none")
machine("xcp-ng-dom0", "the control domain of XCP-ng 8.3 on hardware, PV", XEN_DOCS, SKYLAKE_SP,
        metal("Supermicro", "SYS-6029P-TR") | {
            "signatures": {0x40000000: (0x40000005, "XenVMMXenVMM")}, "bare": False,
            "leaves": leaf(0x40000000, 1, 4 << 16 | 17, 0, 0, 0), "beyond": "zero", "xen": True,
            "balloon": "xen-balloon"}, XCP_NG, hide=VMX, msr="none", memory=8,
        answers={"file /proc/xen/capabilities": lines("control_d")})
machine("bhyve", "bhyve of FreeBSD 14", "FreeBSD sys/amd64/vmm/x86.c, usr.sbin/bhyve", BROADWELL_EP,
        BHYVE, DEBIAN_12, hide=VMX, msr="none", memory=8)
machine("parallels", "Parallels Desktop 18 on an Intel Mac", SYSTEMD, COFFEE_LAKE, PARALLELS,
        UBUNTU_24, hide=VMX, msr="none", memory=8)

# ---- hardware ----------------------------------------------------------------------------------------
FIRMWARE = "Intel SDM volume 3, 24.7; AMD's manual volume 2, 15.30.1; Linux feat_ctl.c and amd.c"
machine("metal-intel", "a server with VT-x on", FIRMWARE, SKYLAKE_SP,
        metal("Supermicro", "SYS-6029P-TR"), DEBIAN_12, online="0-3", memory=192)
machine("metal-locked-off", "a workstation with VT-x switched off in the firmware", FIRMWARE,
        COFFEE_LAKE, metal("LENOVO", "30C5S06T00", nic="8086:15bc", storage="8086:a352",
                           classes="0106"), DEBIAN_12, msrs={0x3a: 0x1}, memory=32)
machine("metal-unlocked", "a firmware that left 0x3A unlocked: Linux locks it on", FIRMWARE,
        HASWELL_EP, metal("Supermicro", "X10DRi", nic="8086:1521", storage="8086:8d02",
                          classes="0106"), DEBIAN_12, msrs={0x3a: 0x0}, memory=64)
machine("metal-svmdis", "SVM Mode off in the firmware (SVMDIS), kernel 6.8", FIRMWARE, RYZEN,
        metal("ASUS", "System Product Name", nic="8086:15f3", storage="1022:7901",
              classes="0106"), UBUNTU_24, msrs={0xc0010114: 0x18}, memory=32)
machine("metal-svmdis-old-kernel", "the same under kernel 6.1, which keeps svm in its flags",
        FIRMWARE, RYZEN, metal("ASUS", "System Product Name", nic="8086:15f3", storage="1022:7901",
                               classes="0106"), DEBIAN_12, msrs={0xc0010114: 0x18}, memory=32)
machine("metal-zhaoxin", "a Zhaoxin KX-7000, which has Intel's VMX", FIRMWARE, ZHAOXIN,
        metal("Shanghai Zhaoxin", "KX-7000", nic="10ec:8168", storage="1d17:9083", classes="0106"),
        UBUNTU_24, memory=32, online="0-3")
machine("metal-512-cpus", "two EPYC 7742 with SMT and more, 512 CPUs", FIRMWARE, ZEN2,
        metal("Supermicro", "AS-2024US-TRT"), DEBIAN_12, online="0-511", memory=2048, large=True)
machine("metal-user", "the server with VT-x on, seen by an ordinary user", FIRMWARE, SKYLAKE_SP,
        metal("Supermicro", "SYS-6029P-TR"), DEBIAN_12, online="0-3", memory=192, root=False)
machine("metal-locked-off-user", "the workstation with VT-x off, seen by an ordinary user", FIRMWARE,
        COFFEE_LAKE, metal("LENOVO", "30C5S06T00", nic="8086:15bc", storage="8086:a352",
                           classes="0106"), UBUNTU_24, msrs={0x3a: 0x1}, memory=32, root=False)
machine("metal-epyc-naples", "a server with EPYC 7601", FIRMWARE, ZEN1,
        metal("Supermicro", "AS-1023US-TR4"), DEBIAN_12, online="0-3", memory=128)
