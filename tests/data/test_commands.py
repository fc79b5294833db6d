# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of remedies, taken by the tools that they are for, as far as a tool is here.

Nothing is changed: virt-xml works on libvirt's test driver and prints what it would do, and the clouds'
tools check their arguments and then find nobody to talk to.  test_libvirt.py and test_vsphere.py go on
from there.  gcloud is in no Debian package, as are VBoxManage, qm, pvesh, xe, PowerCLI and the others
that are not here: their commands were compared with their makers' pages, by eye.
"""
import functools
import json
import re
import shlex
import shutil
import subprocess
from importlib.metadata import entry_points
from unittest import mock

import pytest

from commands import LINES, of, run

needs = {tool: pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")
         for tool in ("virt-xml", "az", "gcloud", "openstack", "qemu-system-x86_64", "bash")}


@needs["virt-xml"]
@pytest.mark.parametrize("step", of("virt-xml"))
def test_virt_xml_takes_it(step):
    command = step.replace("virt-xml ", "virt-xml --connect test:///default ", 1)
    done = run(command + " --print-xml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<domain")


@functools.cache
def aws_lacks():
    if shutil.which("aws") is None:
        return "aws is not installed"
    done = run("aws ec2 modify-instance-cpu-options --generate-cli-skeleton")
    return None if "NestedVirtualization" in done.stdout else "this aws is older than the option"


@pytest.mark.parametrize("step", of("aws"))
def test_aws_takes_it(step):
    if aws_lacks():
        pytest.skip(aws_lacks())
    done = run(step + " --endpoint-url http://127.0.0.1:9 --region us-east-1 --no-sign-request",
               AWS_MAX_ATTEMPTS="1", AWS_EC2_METADATA_DISABLED="true")
    assert "Could not connect to the endpoint" in done.stderr, done.stderr


def az(command, home):
    return run(command, AZURE_CONFIG_DIR=str(home), AZURE_CORE_COLLECT_TELEMETRY="0").stderr


@needs["az"]
@pytest.mark.parametrize("step", of("az"))
def test_az_takes_it(step, tmp_path):
    said = az(step, tmp_path)
    if "No module named 'azure.mgmt" in said:
        pytest.skip("this az lacks a library for that command")
    assert "run 'az login'" in said, said


@needs["az"]
def test_az_would_refuse(tmp_path):
    assert "unrecognized arguments" in az("az vm resize -g G -n N --size S --nested-hv", tmp_path)


def gcloud(command, home):
    return run(command, CLOUDSDK_CONFIG=str(home), CLOUDSDK_CORE_DISABLE_PROMPTS="1",
               CLOUDSDK_CORE_PROJECT="nested-123456").stderr


@needs["gcloud"]
@pytest.mark.parametrize("step", of("gcloud"))
def test_gcloud_takes_it(step, tmp_path):
    (tmp_path / "vm.yaml").write_text("name: test\nadvancedMachineFeatures:\n"
                                      "  enableNestedVirtualization: true\n")
    said = gcloud(step.replace("vm.yaml", str(tmp_path / "vm.yaml")), tmp_path)
    assert "do not currently have an active account" in said, said


@needs["gcloud"]
def test_gcloud_would_refuse(tmp_path):
    said = gcloud("gcloud compute instances update NAME --zone ZONE --clear-min-cpu-platform", tmp_path)
    assert "unrecognized arguments" in said


@functools.cache
def openstack_commands():
    found = {}
    for group in ("compute", "network", "image", "neutronclient"):
        for entry in entry_points(group=f"openstack.{group}.v2"):
            found[tuple(entry.name.split("_"))] = entry
    return found


@needs["openstack"]
@pytest.mark.parametrize("step", of("openstack"))
def test_openstack_takes_it(step):
    words = shlex.split(step, comments=True)[1:]
    if words[:2] == ["network", "trunk"] and ("network", "trunk", "create") not in openstack_commands():
        pytest.skip("trunks are a plug-in's of this openstackclient: python3-neutronclient")
    name = next(tuple(words[:count]) for count in (3, 2) if tuple(words[:count]) in openstack_commands())
    parser = openstack_commands()[name].load()(mock.MagicMock(), mock.MagicMock()).get_parser(step)
    parser.parse_args(words[len(name):])
    with pytest.raises(SystemExit):
        parser.parse_args([*words[len(name):], "--nested-hv"])


# what QEMU is started with beside the options of a remedy that need something to be there
QEMU = {"-device vmxnet3,netdev=NETDEV": "-netdev user,id=NETDEV ",
        "-netdev bridge,id=NETDEV,br=BRIDGE": None,  # a bridge of the host, and a helper as root
        "-cpu host": None}  # KVM only


@needs["qemu-system-x86_64"]
@pytest.mark.parametrize("options", sorted(
    {match.group(1) for line in LINES
     for match in [re.match(r"Stop QEMU and start it again with: (-.*)$", line)] if match} - {None}))
def test_qemu_starts_with_it(options, tmp_path):
    extra = QEMU.get(options, "")
    image = tmp_path / "image"
    image.write_bytes(bytes(1 << 20))
    command = ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-accel", "tcg", "-S", "-m", "64",
               "-monitor", "stdio",
               *shlex.split((extra or "") + options.replace("IMAGE", str(image)))]
    done = subprocess.run(command, input="info status\nquit\n", capture_output=True, text=True, timeout=120,
                          check=False)
    if extra is None:
        assert re.search("requires KVM|failed to launch bridge helper|bridge helper failed", done.stderr)
    else:
        assert (done.returncode, "paused" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("step", of("kubectl patch"))
def test_what_is_patched_is_a_virtual_machine_of_kubevirt(step):
    words = shlex.split(step.replace("OLD-NUMBER", "2"))
    domain = json.loads(words[words.index("-p") + 1])["spec"]["template"]["spec"]["domain"]
    assert domain and set(domain) <= {"cpu", "memory", "devices"}


@needs["bash"]
@pytest.mark.parametrize("step", [line for line in LINES if not line.endswith((".", ":"))
                                  and re.match("[a-z]", line)])
def test_a_shell_can_read_it(step):
    done = subprocess.run(["bash", "-n"], input=step, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
