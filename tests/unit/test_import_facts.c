/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Windows and ESXi tools print: facts where they say something, none where they do not. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/imports.h"

#define SYSTEM                                                                                     \
	"Host Name:                     LAB-PC07\r\n"                                              \
	"OS Name:                       Microsoft Windows 11 Pro\r\n"                              \
	"OS Version:                    10.0.26100 N/A Build 26100\r\n"                            \
	"Registered Owner:              somebody\r\n"                                              \
	"System Manufacturer:           VMware, Inc.\r\n"                                          \
	"System Model:                  VMware20,1\r\n"                                            \
	"Processor(s):                  2 Processor(s) Installed.\r\n"                             \
	"                               [01]: Intel64 Family 6 Model 85 Stepping 4 GenuineIntel "  \
	"~2295 Mhz\r\n"                                                                            \
	"                               [02]: Intel64 Family 6 Model 85 Stepping 4 GenuineIntel "  \
	"~2295 Mhz\r\n"                                                                            \
	"Total Physical Memory:         8,070 MB\r\n"                                              \
	"Available Physical Memory:     6,000 MB\r\n"
#define BLOCK(vmm, firmware, slat, dep)                                                            \
	"Hyper-V Requirements:          VM Monitor Mode Extensions: " vmm "\r\n"                   \
	"                               Virtualization Enabled In Firmware: " firmware "\r\n"      \
	"                               Second Level Address Translation: " slat "\r\n"            \
	"                               Data Execution Prevention Available: " dep "\r\n"
#define HIDDEN                                                                                     \
	"Hyper-V Requirements:          A hypervisor has been detected. Features required for "    \
	"Hyper-V will not be displayed.\r\n"

Test(import_systeminfo, a_machine_that_shows_everything)
{
	json_t *snapshot = accepts(SYSTEM BLOCK("Yes", "No", "Yes", "Yes"), "systeminfo");
	expect_imported(snapshot, "cpu.virtualization", "true");
	expect_imported(snapshot, "cpu.vmx", "true");
	expect_not_imported(snapshot, "cpu.svm");
	expect_imported(snapshot, "firmware.virtualization", "false");
	expect_imported(snapshot, "slat.present", "true");
	expect_imported(snapshot, "cpu.nx", "true");
	expect_imported(snapshot, "cpu.hypervisor-bit", "false");
	expect_imported(snapshot, "cpu.vendor", "'GenuineIntel'");
	expect_imported(snapshot, "cpu.sockets", "2");
	expect_not_imported(snapshot, "cpu.count");
	expect_imported(snapshot, "memory.total", "8462008320");
	expect_imported(snapshot, "dmi.sys-vendor", "'VMware, Inc.'");
	expect_imported(snapshot, "dmi.product-name", "'VMware20,1'");
	expect_imported(snapshot, "os.kernel", "'10.0.26100 N/A Build 26100'");
	char *text = json_dumps(snapshot, 0);
	cr_assert_null(strstr(text, "LAB-PC07"));
	cr_assert_null(strstr(text, "somebody"));
	free(text);
	json_decref(snapshot);
}

Test(import_systeminfo, under_a_hypervisor_it_tells_nothing)
{
	json_t *snapshot = accepts(SYSTEM HIDDEN, "systeminfo");
	expect_imported(snapshot, "cpu.hypervisor-bit", "true");
	expect_imported(snapshot, "cpu.virtualization", NULL);
	expect_imported(snapshot, "firmware.virtualization", NULL);
	expect_imported(snapshot, "slat.present", NULL);
	expect_not_imported(snapshot, "cpu.vmx");
	json_decref(snapshot);
}

Test(import_systeminfo, the_block_alone)
{
	json_t *snapshot = accepts(BLOCK("No", "No", "No", "Yes"), "systeminfo");
	expect_imported(snapshot, "cpu.virtualization", "false");
	expect_imported(snapshot, "cpu.vmx", "false");
	expect_imported(snapshot, "cpu.svm", "false");
	expect_not_imported(snapshot, "cpu.vendor");
	expect_not_imported(snapshot, "memory.total");
	json_decref(snapshot);
	snapshot = accepts("C:\\>systeminfo\n" HIDDEN, "systeminfo");
	expect_imported(snapshot, "cpu.hypervisor-bit", "true");
	json_decref(snapshot);
}

Test(import_systeminfo, without_the_block_nothing_is_known_of_it)
{
	json_t *snapshot = accepts(SYSTEM, "systeminfo");
	expect_not_imported(snapshot, "cpu.virtualization");
	expect_not_imported(snapshot, "cpu.hypervisor-bit");
	expect_imported(snapshot, "cpu.vendor", "'GenuineIntel'");
	json_decref(snapshot);
}

Test(import_systeminfo, memory_in_every_country)
{
	static const char *const amounts[] = { "8,070 MB",
		                               "8.070 MB",
		                               "8 070 MB",
		                               "8070 MB",
		                               "8\xc2\xa0"
		                               "070 MB",
		                               "8\xff"
		                               "070 MB" };
	char text[256];
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		snprintf(text, sizeof text, "Total Physical Memory:     %s\n" HIDDEN, amounts[i]);
		json_t *snapshot = accepts(text, "systeminfo");
		expect_imported(snapshot, "memory.total", "8462008320");
		json_decref(snapshot);
	}
}

Test(import_systeminfo, refuses_what_it_cannot_read)
{
	refuses("Hostname:            PC\nProzessor(en):  1 Prozessor(en) installiert.\n"
	        "   [01]: Intel64 Family 6 Model 85 Stepping 4 GenuineIntel ~2295 MHz\n",
	        "expected systeminfo in English, found another language");
	refuses(BLOCK("Maybe", "No", "No", "Yes"), "made.txt:1: expected Yes or No");
	refuses(SYSTEM BLOCK("Yes", "", "No", "Yes"), "made.txt:13: expected Yes or No");
	refuses("Total Physical Memory: many\n" HIDDEN, "made.txt:1: expected memory in MB");
	refuses("Processor(s):  some\n" HIDDEN, "made.txt:1: expected a number of processors");
}

#define INTEL_HEAD                                                                                 \
	"\r\nCoreinfo v3.52 - Dump information on system CPU and memory topology\r\n\r\n"          \
	"Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz\r\n"                                             \
	"Intel64 Family 6 Model 142 Stepping 9, GenuineIntel\r\n"                                  \
	"Microcode signature: 000000B4\r\n"
#define AMD_HEAD                                                                                   \
	"AMD Ryzen 5 3550H with Radeon Vega Mobile Gfx\n"                                          \
	"AMD64 Family 23 Model 24 Stepping 1, AuthenticAMD\n"
#define ROW(name, mark) name "      \t" mark "\tSupports something\r\n"

Test(import_coreinfo, without_a_hypervisor_it_tells_all)
{
	json_t *snapshot = accepts(INTEL_HEAD ROW("HYPERVISOR", "-") ROW("VMX", "*") ROW("EPT", "*")
	                                   ROW("URG", "-"),
	                           "coreinfo");
	expect_imported(snapshot, "cpu.vendor", "'GenuineIntel'");
	expect_imported(snapshot, "cpu.name", "'Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz'");
	expect_imported(snapshot, "cpu.hypervisor-bit", "false");
	expect_imported(snapshot, "cpu.virtualization", "true");
	expect_imported(snapshot, "cpu.vmx", "true");
	expect_imported(snapshot, "slat.present", "true");
	expect_imported(snapshot, "slat.kind", "'ept'");
	expect_imported(snapshot, "slat.unrestricted-guest", "false");
	expect_not_imported(snapshot, "firmware.virtualization");
	expect_not_imported(snapshot, "cpu.count");
	json_decref(snapshot);
}

Test(import_coreinfo, under_a_hypervisor_a_dash_is_no_answer)
{
	json_t *snapshot =
	        accepts(AMD_HEAD ROW("HYPERVISOR", "*") ROW("SVM", "-") ROW("NP", "-"), "coreinfo");
	expect_imported(snapshot, "cpu.virtualization", NULL);
	expect_imported(snapshot, "cpu.svm", NULL);
	expect_imported(snapshot, "slat.present", NULL);
	json_decref(snapshot);
	snapshot =
	        accepts(AMD_HEAD ROW("HYPERVISOR", "*") ROW("SVM", "*") ROW("NP", "*"), "coreinfo");
	expect_imported(snapshot, "cpu.virtualization", "true");
	expect_imported(snapshot, "cpu.svm", "true");
	expect_imported(snapshot, "slat.kind", "'npt'");
	json_decref(snapshot);
	snapshot = accepts(ROW("VMX", "-"), "coreinfo");
	expect_imported(snapshot, "cpu.virtualization", NULL);
	json_decref(snapshot);
}

Test(import_coreinfo, all_of_it)
{
	json_t *snapshot = accepts(
	        INTEL_HEAD "HTT             *       Hyperthreading enabled\r\n" ROW(
	                "HYPERVISOR", "-") ROW("VMX", "-") ROW("SVM", "-")
	                ROW("X64", "*") "\r\n" ROW("NX", "*") ROW("SSE4.2", "*") ROW(
	                        "POPCNT", "*") ROW("RDWRFSGSBASE", "*") ROW("CX16", "*")
	                        ROW("LAHF-SAHF", "*") ROW("PREFETCHW", "-") ROW("XSAVE", "*") ROW(
	                                "x2APIC",
	                                "-") "Logical to Physical Processor Map:\r\n"
	                                     "**--  Physical Processor 0 (Hyperthreaded)\r\n"
	                                     "--**  Physical Processor 1 (Hyperthreaded)\r\n\r\n"
	                                     "Logical Processor to Socket Map:\r\n"
	                                     "**--  Socket 0\r\n--**  Socket 1\r\n\r\n"
	                                     "Logical Processor to NUMA Node Map:\r\n****  NUMA "
	                                     "Node 0\r\n",
	        "coreinfo");
	expect_imported(snapshot, "cpu.virtualization", "false");
	expect_imported(snapshot, "cpu.long-mode", "true");
	expect_imported(snapshot, "cpu.cx16", "true");
	expect_imported(snapshot, "cpu.lahf", "true");
	expect_imported(snapshot, "cpu.prefetchw", "false");
	expect_imported(snapshot, "cpu.x2apic", "false");
	expect_imported(snapshot, "cpu.count", "4");
	expect_imported(snapshot, "cpu.sockets", "2");
	json_decref(snapshot);
}

Test(import_coreinfo, what_contradicts_itself_is_refused)
{
	refuses(ROW("VMX", "*") ROW("VMX", "-"), "made.txt:2: expected what an earlier line said");
}

#define HV(value)                                                                                  \
	"         |----HV Support............................................" value "\n"          \
	"            |----World Command Line.................................grep HV Support\n"

Test(import_esxcfg, the_values_of_hv_support)
{
	static const struct {
		const char *text, *extension, *firmware;
	} rows[] = {
		{ HV("0"), "false", NULL },
		{ HV("2"), "true", "false" },
		{ "~ # esxcfg-info | grep \"HV Support\"\n" HV("3"), "true", "true" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *snapshot = accepts(rows[i].text, "esxcfg-info");
		expect_imported(snapshot, "cpu.virtualization", rows[i].extension);
		if (rows[i].firmware == NULL)
			expect_not_imported(snapshot, "firmware.virtualization");
		else
			expect_imported(snapshot, "firmware.virtualization", rows[i].firmware);
		json_decref(snapshot);
	}
	json_t *unsupported = accepts(HV("1"), "esxcfg-info");
	expect_imported(unsupported, "cpu.virtualization", NULL);
	json_decref(unsupported);
	refuses(HV("4"), "made.txt:1: expected HV Support of 0 to 3");
	refuses(HV(""), "made.txt:1: expected HV Support of 0 to 3");
}

Test(import_esxcfg, all_of_it)
{
	json_t *snapshot = accepts(
	        "+Host : \n"
	        "   \\==+Hardware Info : \n"
	        "      |----Product Name.............................................MS-A2\n"
	        "      |----Vendor Name..............................................Acme, Inc.\n"
	        "      \\==+CPU Info : \n"
	        "         |----Num Packages..........................................1\n"
	        "         |----Num Cores.............................................16\n"
	        "         |----Num Threads...........................................32\n"
	        "         |----Physical Mem..........................................66229465088 "
	        "bytes\n" HV("3") "   \\==+PCI Info : \n"
	                          "            |----Vendor "
	                          "Name...........................................Other\n"
	                          "            |----Num "
	                          "Threads...........................................8\n",
	        "esxcfg-info");
	expect_imported(snapshot, "dmi.product-name", "'MS-A2'");
	expect_imported(snapshot, "dmi.sys-vendor", "'Acme, Inc.'");
	expect_imported(snapshot, "cpu.sockets", "1");
	expect_imported(snapshot, "cpu.cores", "16");
	expect_imported(snapshot, "cpu.count", "32");
	expect_imported(snapshot, "memory.total", "66229465088");
	json_decref(snapshot);
	refuses("|----Num Threads.....many\n" HV("3"), "made.txt:1: expected a number");
}
