# SPDX-License-Identifier: GPL-2.0-or-later
"""What each platform shows of itself to a guest: CPUID ranges, DMI, PCI, vmbus, VMware's backdoor.

Written by hand after what vendors document and users have posted (kernel logs, lspci, dmidecode);
the source stands beside each.  A platform is a dictionary: `signatures` {base: (highest leaf,
text)}, `leaves` of those ranges, `beyond` ("zero" or "basic": what a leaf out of range answers),
`dmi`, `pci`, `vmbus` (devices), `backdoor` (product, hardware version; "faults"), `balloon` (a
driver that is bound), `answers` (anything else).
"""


def leaf(base, offset, *registers):
    return {base + offset: registers}


def pci(*lines):
    """SLOT CLASS VENDOR:DEVICE SUBVENDOR:SUBDEVICE"""
    return [f"0000:{line}" for line in lines]


# ---- VMware: open-vm-tools backdoor_def.h, vm_vmx_type.h; Linux arch/x86/kernel/cpu/vmware.c -----
ESX, WORKSTATION = 2, 4


def vmware(product, hardware, dmi, nic="15ad:07b0", storage="15ad:07c0"):
    classes = {"15ad:07c0": "0107", "15ad:07e0": "0106", "15ad:07f0": "0108", "1000:0030": "0100",
               "1000:0054": "0107"}
    return {
        "signatures": {0x40000000: (0x40000010, "VMwareVMware")},
        "beyond": "zero",
        "dmi": {"sys_vendor": "VMware, Inc.", "product_version": "None",
                "board_vendor": "Intel Corporation", "chassis_asset_tag": "No Asset Tag",
                "product_uuid": "00000000-0000-4000-8000-000000000002"} | dmi,
        "pci": pci("00:00.0 0600 8086:7190 15ad:1976", "00:01.0 0604 8086:7191 0000:0000",
                   "00:07.1 0101 8086:7111 15ad:1976", "00:0f.0 0300 15ad:0405 15ad:0405",
                   f"03:00.0 {classes[storage]} {storage} 15ad:1976",
                   f"0b:00.0 0200 {nic} 15ad:07b0"),
        "backdoor": (product, hardware) if hardware else "faults",
        "balloon": "vmw_balloon",
    }


# Names of firmware images: kernel logs; the number is the build of the image.
ESXI_8_DMI = {"product_name": "VMware20,1", "bios_vendor": "VMware, Inc.",
              "bios_version": "VMW201.00V.21805430.B64.2305221830"}
ESXI_7_DMI = {"product_name": "VMware7,1", "bios_vendor": "VMware, Inc.",
              "bios_version": "VMW71.00V.18452719.B64.2108091906"}
BIOS_DMI = {"product_name": "VMware Virtual Platform", "bios_vendor": "Phoenix Technologies LTD",
            "bios_version": "6.00"}

# ---- Hyper-V: TLFS, "Feature and Interface Discovery"; Linux asm/hyperv-tlfs.h --------------------
HV_BUILDS = {"2016": 14393, "2019": 17763, "2022": 20348, "2025": 26100, "windows-11": 22621}
# EBX of 0x40000003 as in kernel logs ("privilege flags ... high 0x3b8030"): of a guest, of the
# root partition (bit 12, CpuManagement), of an isolated guest (bit 22).
HV_GUEST, HV_ROOT, HV_ISOLATED = 0x003b8030, 0x002bb9ff, 0x007b8030


def hyperv_leaves(build, privileges=HV_GUEST, nested_features=0, hints=0x64e24, isolation=0,
                  highest=0x4000000c):
    base = 0x40000000
    return {"signatures": {base: (highest, "Microsoft Hv")},
            "beyond": "zero",
            "leaves": leaf(base, 1, 0x31237648, 0, 0, 0)
            | leaf(base, 2, build, 0x000a0000, 0, 0x1)
            | leaf(base, 3, 0xae7f, privileges, 0x2, 0xe0bed7b2)
            | leaf(base, 4, hints, 0xfff, 0, 0)
            | leaf(base, 10, nested_features, 0, 0, 0)
            | leaf(base, 12, 0, isolation, 0, 0)}


HV_DMI = {"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine",
          "board_vendor": "Microsoft Corporation",
          "product_uuid": "00000000-0000-4000-8000-000000000002"}
GEN2_DMI = HV_DMI | {"product_version": "Hyper-V UEFI Release v4.1",
                     "bios_vendor": "Microsoft Corporation",
                     "bios_version": "Hyper-V UEFI Release v4.1", "chassis_asset_tag": "None"}
GEN1_DMI = HV_DMI | {"product_version": "7.0", "bios_vendor": "American Megatrends Inc.",
                     "bios_version": "090008",
                     "chassis_asset_tag": "0000-0000-0000-0000-0000-0000-00"}
AZURE_TAG = {"chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77"}

# Instance names are random but for those of fixed devices (Linux include/linux/hyperv.h).
HV_BALLOON = "1eccfd72-4b41-45ef-b73a-4a6e44c12924"
HV_VMBUS = [HV_BALLOON, "2450ee40-33bf-4fbd-892e-9fb06e9214cf",
            "5620e0c7-8062-4dce-aeb7-520c7ef76171", "b6650ff7-33bc-4840-8048-e0676786f393",
            "e6c4ec8d-0000-4000-8000-000000000003", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c0"]
GEN1_PCI = pci("00:00.0 0600 8086:7192 0000:0000", "00:07.1 0101 8086:7111 0000:0000",
               "00:08.0 0300 1414:5353 0000:0000")


def hyperv(version, dmi=None, devices=None, **leaves):
    """Generation 2, the default, has no PCI bus at all."""
    return hyperv_leaves(HV_BUILDS[version], **leaves) | {
        "dmi": GEN2_DMI if dmi is None else dmi, "vmbus": HV_VMBUS, "pci": devices or [],
        "balloon": "hv_balloon"}


# ---- KVM: Linux Documentation/virt/kvm/x86/cpuid.rst; QEMU docs/system/i386/hyperv.rst -----------
KVM_RANGE = {0x40000000: (0x40000001, "KVMKVMKVM")}
KVM_LEAF = leaf(0x40000000, 1, 0x01007efb, 0, 0, 0)
Q35_DMI = {"sys_vendor": "QEMU", "product_name": "Standard PC (Q35 + ICH9, 2009)",
           "product_version": "pc-q35-8.2", "bios_vendor": "SeaBIOS",
           "bios_version": "1.16.3-debian-1.16.3-2", "chassis_asset_tag": "",
           "product_uuid": "00000000-0000-4000-8000-000000000002"}
I440FX_DMI = Q35_DMI | {"product_name": "Standard PC (i440FX + PIIX, 1996)",
                        "product_version": "pc-i440fx-9.0",
                        "bios_version": "rel-1.16.3-0-ga6ed6b701f0a-prebuilt.qemu.org"}
Q35_PCI = pci("00:00.0 0600 8086:29c0 1af4:1100", "00:1f.0 0601 8086:2918 1af4:1100",
              "00:1f.2 0106 8086:2922 1af4:1100")
I440FX_PCI = pci("00:00.0 0600 8086:1237 1af4:1100", "00:01.1 0101 8086:7010 1af4:1100")
VIRTIO_PCI = pci("01:00.0 0200 1af4:1041 1af4:1100", "04:00.0 0100 1af4:1042 1af4:1100")


def kvm(dmi, devices, balloon="virtio_balloon", fw_cfg=True):
    return {"signatures": KVM_RANGE, "leaves": KVM_LEAF, "beyond": "basic", "dmi": dmi,
            "pci": devices, "balloon": balloon, "fw_cfg": fw_cfg}


def enlightened(platform, highest=0x40000005):
    """With hv-* flags, as Proxmox and libvirt give them to Windows: KVM's range moves up."""
    base = 0x40000000
    return platform | {
        "signatures": {base: (highest, "Microsoft Hv"), base + 0x100: (base + 0x101, "KVMKVMKVM")},
        # the version is QEMU's default: Windows Server 2016
        "leaves": leaf(base, 1, 0x31237648, 0, 0, 0) | leaf(base, 2, 0x3839, 0x000a0000, 0, 0)
        | leaf(base, 3, 0x6f, 0x30, 0, 0x408) | leaf(base, 4, 0x2c, 0xfff, 0, 0)
        | leaf(base, 10, 0x80101, 0, 0, 0) | leaf(base + 0x100, 1, 0x01007efb, 0, 0, 0)}


LIBVIRT = kvm(Q35_DMI, Q35_PCI + VIRTIO_PCI)
LIBVIRT_E1000E = kvm(Q35_DMI, Q35_PCI + pci("02:00.0 0200 8086:10d3 8086:0000"))
# Proxmox VE is QEMU; nothing in the guest says its name but habits.
PROXMOX = kvm(I440FX_DMI, I440FX_PCI + pci("00:05.0 0100 1af4:1004 1af4:0008",
                                           "00:12.0 0200 1af4:1000 1af4:0001"))
OPENSTACK = kvm(I440FX_DMI | {"sys_vendor": "OpenStack Foundation", "product_name":
                              "OpenStack Nova", "product_version": "27.1.0"},
                I440FX_PCI + pci("00:03.0 0200 1af4:1000 1af4:0001",
                                 "00:04.0 0100 1af4:1001 1af4:0002"))
OVIRT = kvm(Q35_DMI | {"sys_vendor": "oVirt", "product_name": "RHEL",
                       "product_version": "8.6-1.el8"}, Q35_PCI + VIRTIO_PCI)
KUBEVIRT = kvm(Q35_DMI | {"sys_vendor": "KubeVirt", "product_name": "None",
                          "product_version": "1.2.0", "chassis_asset_tag": ""},
               Q35_PCI + VIRTIO_PCI, balloon=None)
NUTANIX = kvm(Q35_DMI | {"sys_vendor": "Nutanix", "product_name": "AHV",
                         "product_version": "20220304.462", "bios_vendor": "SeaBIOS"},
              Q35_PCI + pci("01:00.0 0200 1af4:1000 1af4:0001", "03:00.0 0100 1af4:1004 1af4:0008"),
              balloon=None)
CLOUD_HYPERVISOR = kvm(
    {"sys_vendor": "Cloud Hypervisor", "product_name": "cloud-hypervisor",
     "bios_vendor": "cloud-hypervisor", "bios_version": "0"},
    pci("00:00.0 0600 8086:0d57 0000:0000", "00:01.0 0180 1af4:1042 1af4:1042",
        "00:02.0 0200 1af4:1041 1af4:1041"), balloon=None, fw_cfg=False)
FIRECRACKER = kvm(None, [], balloon=None, fw_cfg=False)

# ---- clouds on KVM or Xen: systemd src/basic/virt.c; pci.ids ---------------------------------------


def nitro(instance, nic="1d0f:ec20"):
    return kvm({"sys_vendor": "Amazon EC2", "product_name": instance, "bios_vendor": "Amazon EC2",
                "bios_version": "1.0", "board_vendor": "Amazon EC2",
                "chassis_asset_tag": "Amazon EC2",
                "product_uuid": "00000000-0000-4000-8000-000000000002"},
               pci("00:00.0 0600 8086:1237 1d0f:1237", "00:04.0 0108 1d0f:8061 1d0f:0000",
                   f"00:05.0 0200 {nic} {nic}"), balloon=None, fw_cfg=False)


EC2_XEN = {
    "signatures": {0x40000000: (0x40000004, "XenVMMXenVMM")},
    "leaves": leaf(0x40000000, 1, 4 << 16 | 11, 0, 0, 0), "beyond": "zero",
    "dmi": {"sys_vendor": "Xen", "product_name": "HVM domU", "product_version": "4.11.amazon",
            "bios_vendor": "Xen", "bios_version": "4.11.amazon",
            "product_uuid": "ec200000-0000-4000-8000-000000000002"},
    "pci": pci("00:00.0 0600 8086:1237 1af4:1100", "00:01.1 0101 8086:7010 5853:0001",
               "00:03.0 0200 1d0f:ec20 1d0f:ec20", "00:1f.0 0180 5853:0001 5853:0001"),
    "balloon": "xen-balloon", "xen": True}

GCP = kvm({"sys_vendor": "Google", "product_name": "Google Compute Engine",
           "bios_vendor": "Google", "bios_version": "Google", "board_vendor": "Google",
           "chassis_asset_tag": "", "product_uuid": "00000000-0000-4000-8000-000000000002"},
          pci("00:00.0 0600 8086:1237 1af4:1100", "00:03.0 0000 1af4:1004 1af4:0008",
              "00:04.0 0200 1af4:1000 1af4:0001", "00:05.0 00ff 1af4:1005 1af4:0004"),
          balloon="virtio_balloon", fw_cfg=False)
GCP_GVNIC = GCP | {"pci": pci("00:00.0 0600 8086:1237 1af4:1100",
                              "00:03.0 0108 1ae0:001f 1ae0:001f",
                              "00:04.0 0200 1ae0:0042 1ae0:0058")}

# ---- Xen: public/arch-x86/cpuid.h; pci.ids ---------------------------------------------------------


def xen(major, minor, vendor_device="5853:0001", dmi=None):
    version = f"{major}.{minor}"
    return {"signatures": {0x40000000: (0x40000005, "XenVMMXenVMM")},
            "leaves": leaf(0x40000000, 1, major << 16 | minor, 0, 0, 0), "beyond": "zero",
            "dmi": {"sys_vendor": "Xen", "product_name": "HVM domU", "product_version": version,
                    "bios_vendor": "Xen", "bios_version": version,
                    "product_uuid": "00000000-0000-4000-8000-000000000002"} | (dmi or {}),
            "pci": pci("00:00.0 0600 8086:1237 1af4:1100", "00:01.1 0101 8086:7010 1af4:1100",
                       f"00:02.0 0100 {vendor_device} 5853:0001",
                       "00:04.0 0200 10ec:8139 1af4:1100"),
            "balloon": "xen-balloon", "xen": True}


def viridian(platform):
    """XenServer's Windows mode: Hyper-V's range first, Xen's after it."""
    base = 0x40000000
    return platform | {
        "signatures": {base: (base + 6, "Microsoft Hv"), base + 0x100: (base + 0x105,
                                                                         "XenVMMXenVMM")},
        "leaves": leaf(base, 1, 0x31237648, 0, 0, 0) | leaf(base, 2, 0x1772, 0x00060001, 0, 0)
        | leaf(base, 3, 0x70, 0, 0, 0) | leaf(base, 4, 0x64, 0x7ff, 0, 0)
        | leaf(base + 0x100, 1, *platform["leaves"][base + 1])}


# ---- VirtualBox: GIMHv.cpp, GIMKvm.cpp; manual, "Paravirtualization providers" -------------------
VBOX_DMI = {"sys_vendor": "innotek GmbH", "product_name": "VirtualBox", "product_version": "1.2",
            "bios_vendor": "innotek GmbH", "bios_version": "VirtualBox",
            "board_vendor": "Oracle Corporation", "chassis_asset_tag": "",
            "product_uuid": "00000000-0000-4000-8000-000000000002"}
VBOX_PCI = pci("00:00.0 0600 8086:1237 0000:0000", "00:01.1 0101 8086:7111 0000:0000",
               "00:02.0 0300 15ad:0405 15ad:0405", "00:03.0 0200 8086:100e 8086:001e",
               "00:04.0 0880 80ee:cafe 0000:0000", "00:0d.0 0106 8086:2829 0000:0000")
VBOX_KVM = {"signatures": KVM_RANGE, "leaves": leaf(0x40000000, 1, 0x01000089, 0, 0, 0),
            "beyond": "zero", "dmi": VBOX_DMI, "pci": VBOX_PCI}
# Its Hyper-V provider signs as itself by default and offers Hv#1; the version is filled in later.
VBOX_HYPERV = VBOX_KVM | {
    "signatures": {0x40000000: (0x40000006, "VBoxVBoxVBox")},
    "leaves": leaf(0x40000000, 1, 0x31237648, 0, 0, 0) | leaf(0x40000000, 2, 0, 0, 0, 0)
    | leaf(0x40000000, 3, 0x262, 0, 0, 0x408) | leaf(0x40000000, 4, 0x20, 0, 0, 0)}

# ---- others -----------------------------------------------------------------------------------------
# FreeBSD sys/amd64/vmm/x86.c, usr.sbin/bhyve/smbiostbl.c
BHYVE = {"signatures": {0x40000000: (0x40000000, "bhyve bhyve ")}, "beyond": "zero",
         "dmi": {"sys_vendor": "FreeBSD", "product_name": "BHYVE", "product_version": "1.0",
                 "bios_vendor": "BHYVE", "bios_version": "14.0",
                 "product_uuid": "00000000-0000-4000-8000-000000000002"},
         "pci": pci("00:00.0 0600 1275:1275 1275:1275", "00:03.0 0106 8086:2821 0000:0000",
                    "00:05.0 0200 1af4:1000 1af4:0001")}
PARALLELS = {"signatures": {0x40000000: (0x40000001, " lrpepyh  vr")}, "beyond": "zero",
             "dmi": {"sys_vendor": "Parallels International GmbH.",
                     "product_name": "Parallels Virtual Platform", "product_version": "None",
                     "bios_vendor": "Parallels International GmbH.", "bios_version": "18.1.1",
                     "product_uuid": "00000000-0000-4000-8000-000000000002"},
             "pci": pci("00:00.0 0600 8086:29a0 1ab8:0400", "00:05.0 0200 1af4:1000 1af4:0001",
                        "00:1f.2 0106 8086:2821 1ab8:0400", "00:01.0 0300 1ab8:4005 1ab8:0400")}
# WSL 2: no DMI at all ("DMI not present or invalid" in its kernel log)
WSL2 = hyperv("windows-11", dmi={}) | {"dmi": None}


def metal(vendor, product, version="1.0", bios="American Megatrends Inc.", nic="8086:1572",
          storage="1000:0014", classes="0104"):
    return {"signatures": {}, "beyond": "basic",
            "dmi": {"sys_vendor": vendor, "product_name": product, "product_version": version,
                    "board_vendor": vendor, "bios_vendor": bios, "bios_version": "3.2",
                    "chassis_asset_tag": "",
                    "product_uuid": "00000000-0000-4000-8000-000000000002"},
            "pci": pci("00:00.0 0600 8086:2020 15d9:0953", f"17:00.0 {classes} {storage} 15d9:0808",
                       f"65:00.0 0200 {nic} 15d9:0001"),
            "bare": True, "smbios_extension_2": 0x0d}  # UEFI and more; bit 4 (VM) is clear
