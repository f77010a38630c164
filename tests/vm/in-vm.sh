#!/bin/bash
# in-vm.sh PROGRAM [ARG...] - run a test under a kernel that has netem (vm-run.sh), or
# say why not and exit 77. With FAULTLINE_VM=1 what is missing is installed, and not
# being able to run is a failure.
packages="qemu-system-x86 busybox-static cpio lz4"

skip() {
  echo "skipped: $*"
  [ "${FAULTLINE_VM:-}" = 1 ] && exit 1
  exit 77
}

missing() {
  for tool in qemu-system-x86_64 busybox cpio lz4; do
    command -v $tool >/dev/null || return 0
  done
  return 1
}

[ "$(id -u)" = 0 ] || skip "a virtual machine over this file system needs root"
if missing && [ "${FAULTLINE_VM:-}" = 1 ]; then
  apt-get install -y --no-install-recommends $packages >&2
fi
missing && skip "no virtual machine: apt-get install --no-install-recommends $packages"

# The emulator itself crashes now and then under load: that says nothing about us.
for try in 1 2 3; do
  VM_ENV="${VM_ENV:-} ASAN_OPTIONS" "$(dirname "$0")/vm-run.sh" -t 100 -- "$@"
  code=$?
  [ $code = 125 ] || break
  echo "try $try: the virtual machine ended by itself"
done
# 125: the machine itself did not come up, for example without a way to fetch a kernel.
[ $code = 125 ] && skip "the virtual machine did not start"
exit $code
