"""container.py IMAGE ROOT DATA [SECRETS] [NAME=VALUE...]: prints the OCI configuration of a container.

IMAGE is what `buildah inspect` says of the image, ROOT its files. The container is as confined as compose.yaml has it:
it can write to DATA alone, which takes the place of the image's volume. With a folder of SECRETS it also has the
environment and the secrets that compose.yaml gives the server. It is in the network of the machine.
"""

import json
import os
import re
import sys

import yaml


def bind(source: str, destination: str, *options: str) -> dict:
    return {"type": "bind", "source": source, "destination": destination, "options": ["bind", "nosuid", "nodev", *options]}


def main() -> None:
    image, root, data, *rest = sys.argv[1:]
    with open(image, encoding="utf-8") as file:
        config = json.load(file)["Docker"]["config"]
    with open("compose.yaml", encoding="utf-8") as file:
        server = yaml.safe_load(file)["services"]["server"]
    assert server["read_only"] and server["cap_drop"] == ["ALL"], server
    assert server["security_opt"] == ["no-new-privileges:true"], server
    (volume,) = config["Volumes"]
    mounts = [
        {"type": "proc", "source": "proc", "destination": "/proc"},
        {"type": "tmpfs", "source": "tmpfs", "destination": "/dev", "options": ["nosuid", "mode=755", "size=64k"]},
        bind("/etc/resolv.conf", "/etc/resolv.conf", "ro"),
        bind("/etc/hosts", "/etc/hosts", "ro"),
        bind(data, volume, "rw"),
    ]
    environment = config["Env"]
    if rest and os.path.isdir(rest[0]):
        secrets = rest.pop(0)
        assert server["volumes"] == [f"data:{volume}"], server
        mounts += [bind(f"{secrets}/{name}", f"/run/secrets/{name}", "ro") for name in server["secrets"]]
        for name, value in server["environment"].items():
            by_default = re.sub(r"[$]{\w+:-(.*?)}", r"\1", value)
            environment.append(f"{name}={by_default}")
    user, group = (int(number) for number in config["User"].split(":"))
    print(json.dumps({
        "ociVersion": "1.0.2",
        "root": {"path": root, "readonly": True},
        "mounts": mounts,
        "process": {
            "args": config["Entrypoint"],
            "cwd": "/",
            "env": environment + rest,
            "user": {"uid": user, "gid": group},
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
    }))


main()
