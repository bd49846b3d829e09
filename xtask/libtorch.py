"""Makes a LibTorch for the processor out of PyPI's torch wheel: libtorch.py VERSION FOLDER

The wheel is built for CUDA. Its libtorch.so only ties libtorch_cpu.so and libtorch_cuda.so together, so it is replaced by
one that needs the former alone, and the several gigabytes of NVIDIA's packages are not fetched but for two small libraries
that libtorch_cpu.so is linked against. Needs pip and a C compiler.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

# For each version, the wheels whose libraries libtorch_cpu.so is linked against.
LINKED = {"2.9.0": ["nvidia-cuda-cupti-cu12==12.8.90", "nvidia-cuda-runtime-cu12==12.8.90"]}
FROM_TORCH = ("torch/include/", "torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp")


def extract(wheels, folder):
    libraries = os.path.join(folder, "lib")
    for wheel in glob.glob(os.path.join(wheels, "*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                base = os.path.basename(name)
                if name.startswith(FROM_TORCH):
                    target = os.path.join(folder, os.path.relpath(name, "torch"))
                elif base.startswith(("libcupti.so", "libcudart.so")):
                    target = os.path.join(libraries, base)
                else:
                    continue
                if base:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    with archive.open(name) as source, open(target, "wb") as file:
                        shutil.copyfileobj(source, file)


def main(version, folder):
    parent = os.path.dirname(os.path.abspath(folder))
    os.makedirs(parent, exist_ok=True)
    # Under its own name only once it is whole.
    with tempfile.TemporaryDirectory(dir=parent) as work:
        wheels, made = os.path.join(work, "wheels"), os.path.join(work, "libtorch")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "--dest", wheels, f"torch=={version}", *LINKED[version]], check=True)
        extract(wheels, made)
        libraries = os.path.join(made, "lib")
        shell = os.path.join(work, "shell.c")
        with open(shell, "w", encoding="utf-8") as file:
            file.write("int torch_cpu_shell;\n")
        output = os.path.join(libraries, "libtorch.so")
        link = ["-Wl,-soname,libtorch.so", "-Wl,--no-as-needed", f"-L{libraries}", "-ltorch_cpu", "-Wl,-rpath,$ORIGIN"]
        subprocess.run(["cc", "-shared", "-fPIC", shell, "-o", output, *link], check=True)
        with open(os.path.join(made, "build-version"), "w", encoding="utf-8") as file:
            file.write(f"{version}+cpu\n")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(made, folder)


main(*sys.argv[1:])
