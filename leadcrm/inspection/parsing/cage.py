"""No way out: after this the process can compute, and read and write what is open. It opens nothing, reaches nobody.

A seccomp filter that lets a short list of calls through; everything else gets "not permitted". It holds for every
library and whatever takes one over, and cannot be taken off. Where the machine has none, the limits remain.
"""

import ctypes
import errno
import platform
import struct

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _ALL_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD = 0x00010000

# Numbers of system calls by machine: the audit name of the machine, clone, clone3, and what may be called.
# read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64
# readv writev mremap madvise dup nanosleep getpid exit uname fcntl ftruncate gettimeofday getrusage sysinfo sigaltstack
# gettid futex sched_yield sched_getaffinity clock_gettime clock_nanosleep exit_group tgkill set_robust_list getrandom
# membarrier rseq
_MACHINES = {
    "x86_64": (0xC000003E, 56, 435, (
        0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25, 28, 32, 35, 39, 60, 63, 72, 77, 96, 98, 99,
        131, 186, 202, 24, 204, 228, 230, 231, 234, 273, 318, 324, 334,
    )),
    "aarch64": (0xC00000B7, 220, 435, (
        63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 29, 67, 68, 65, 66, 216, 233, 23, 101, 172, 93, 160, 25,
        46, 169, 165, 179, 132, 178, 98, 124, 123, 113, 115, 94, 131, 99, 278, 283, 293,
    )),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _filter(audit: int, clone: int, clone3: int, allowed: tuple[int, ...]) -> bytes:
    """A thread may be made, a process may not: clone with that flag only, and clone3 as if the kernel had none."""
    steps = [
        _step(_LOAD, _ARCHITECTURE_AT), _step(_EQUAL, audit, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _NUMBER_AT),
    ]  # fmt: skip
    for number in allowed:
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    steps += [_step(_EQUAL, clone3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    steps += [_step(_EQUAL, clone, 0, 3), _step(_LOAD, _FIRST_ARGUMENT_AT), _step(_ALL_SET, _CLONE_THREAD, 0, 1)]
    steps += [_step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | errno.EPERM)]
    return b"".join(steps)


def shut() -> bool:
    """Whether the cage is shut now."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    code = ctypes.create_string_buffer(_filter(*machine))
    program = _Program((len(code) - 1) // 8, ctypes.cast(code, ctypes.c_void_p))
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return bool(system.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)
