"""Stand-ins for all that Wine 8 lacks: libraries built with MinGW, and the removal of a function.

Extensions in Rust call `ProcessPrng` of bcryptprimitives.dll. NumPy's import the complex functions
of C99 from api-ms-win-crt-math-l1-1-0.dll, which Wine redirects to its own incomplete library. Wine
does so by the name, so these extensions are changed to import from a library of another name.
`shutil.copy2` calls CopyFile2, with which Wine ends the process; without that name it copies like
Python on other systems.
"""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MATH: Final = b"api-ms-win-crt-math-l1-1-0.dll"
SHIM: Final = b"complex-functions-for-wine.dll"  # as long, so that it fits in the same place
assert len(MATH) == len(SHIM)

RANDOM_SOURCE: Final = """
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);  /* RtlGenRandom */
BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, size); }
"""
MATH_SOURCE: Final = """
#include <complex.h>
#include <math.h>
/* Microsoft's compiler passes complex numbers as structures. */
typedef struct { double real, imaginary; } complex_double;
typedef struct { float real, imaginary; } complex_float;
#define NUMBER(z) ((z).real + (z).imaginary * I)
"""
WITHOUT_COPY_FILE_2: Final = """
import _winapi

del _winapi.CopyFile2
"""
REAL_RESULT: Final = {"creal", "cimag", "carg", "cabs"}
COMPLEX_RESULT: Final = {
    *("cexp", "clog", "csqrt", "cpow"),
    *("ccos", "csin", "ctan", "ccosh", "csinh", "ctanh"),
}
IMPORT_LINE: Final = re.compile(
    r"^\s+[0-9a-f]+\s+(?:<none>\s+)?[0-9a-f]+\s+(\w+)\s*$", re.MULTILINE
)


def add_shims(python: Path, packages: Path, scratch: Path) -> None:
    """Put the libraries next to python.exe, have the extensions use them, and drop CopyFile2.

    Args:
        python: The folder of Python for Windows.
        packages: The folder of the extensions; those that were changed before are left alone.
        scratch: A folder for the sources.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    (python / "sitecustomize.py").write_text(WITHOUT_COPY_FILE_2, "utf-8")
    library = python / "bcryptprimitives.dll"
    build_library(library, RANDOM_SOURCE, ["ProcessPrng"], scratch, "-ladvapi32")
    extensions = {path: math_imports(path) for path in packages.rglob("*.pyd")}
    changed = {path: names for path, names in extensions.items() if any(map(parse, names))}
    if not changed:
        return
    names = sorted(set().union(*changed.values()))
    source = MATH_SOURCE + "".join(define(name) for name in names if parse(name))
    exports = [f"{name} = {'my_' if parse(name) else 'ucrtbase.'}{name}" for name in names]
    build_library(python / SHIM.decode(), source, exports, scratch)
    for path in changed:
        path.write_bytes(path.read_bytes().replace(MATH, SHIM))


def build_library(
    path: Path, source: str, exports: Iterable[str], scratch: Path, *flags: str
) -> None:
    """Compile a DLL.

    Args:
        path: The DLL.
        source: Its text in C.
        exports: The lines of its EXPORTS.
        scratch: A folder for the sources.
        flags: Further flags of the linker.
    """
    code, definition = scratch / f"{path.stem}.c", scratch / f"{path.stem}.def"
    code.write_text(source, "utf-8")
    definition.write_text("\n ".join([f"LIBRARY {path.name}\nEXPORTS", *exports, ""]), "utf-8")
    compiler = ["x86_64-w64-mingw32-gcc", "-shared", "-O1", "-static", "-o", str(path)]
    subprocess.run([*compiler, str(code), str(definition), *flags], check=True)


def math_imports(extension: Path) -> set[str]:
    """Return the names that an extension imports of the math library."""
    if MATH not in extension.read_bytes():
        return set()
    command = ["x86_64-w64-mingw32-objdump", "--private-headers", str(extension)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = listing.partition(f"DLL Name: {MATH.decode()}\n")[2].partition("\n\n")[0]
    return set(IMPORT_LINE.findall(table))


def parse(name: str) -> tuple[str, str] | None:
    """Return a complex function's name without its suffix, and the suffix; None if it is another.

    Suffix `f` is float; for Microsoft, a long double (`l`) is a double.
    """
    for suffix in ("", "f", "l"):
        base = name.removesuffix(suffix)
        if name.endswith(suffix) and base in REAL_RESULT | COMPLEX_RESULT:
            return base, suffix.replace("l", "")
    return None


def define(name: str) -> str:
    """Return the C definition of `my_` and the name of a complex function."""
    base, suffix = parse(name) or ("", "")
    number, kind = ("float", "complex_float") if suffix else ("double", "complex_double")
    taken, given = f"{kind} a", "NUMBER(a)"
    if base == "cpow":
        taken, given = f"{taken}, {kind} b", "NUMBER(a), NUMBER(b)"
    call = f"{base}{suffix}({given})"
    if base in REAL_RESULT:
        return f"{number} my_{name}({taken}) {{ return {call}; }}\n"
    parts = f"creal{suffix}(z), cimag{suffix}(z)"
    return (
        f"{kind} my_{name}({taken}) {{ {number} _Complex z = {call}; "
        f"return ({kind}) {{ {parts} }}; }}\n"
    )
