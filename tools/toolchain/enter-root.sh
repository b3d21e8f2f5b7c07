#!/bin/sh
# enter-root.sh ROOT CWD FOLDERS COMMAND...
# Runs a command inside a private Debian root, in a mount namespace of its own, where FOLDERS (separated by colons) are
# at the same paths as outside. The process, its standard streams and its other open files stay those of the caller.
# An ordinary user becomes root of a user namespace. Where mounts are not allowed, the root is entered without FOLDERS.
set -eu
PATH=$PATH:/usr/sbin:/sbin
root=$1 cwd=$2 folders=$3
shift 3

if [ -z "${SOTTO_NAMESPACE-}" ]; then
  if [ "$(id -u)" != 0 ]; then
    SOTTO_NAMESPACE=private unshare='unshare --mount --user --map-root-user'
  elif unshare --mount true 2>/dev/null; then
    SOTTO_NAMESPACE=private unshare='unshare --mount'
  elif mountpoint -q /proc && unshare --mount --propagation unchanged true 2>/dev/null; then
    SOTTO_NAMESPACE=chroot unshare='unshare --mount --propagation unchanged'
  else
    SOTTO_NAMESPACE=none unshare=
  fi
  export SOTTO_NAMESPACE
  exec $unshare "$0" "$root" "$cwd" "$folders" "$@"
fi

if [ "$SOTTO_NAMESPACE" = chroot ]; then
  # We are in a chroot, whose root is no mount point: nothing can make it private, and a mount below it might show outside.
  # But /proc is one, with folders that nobody needs.
  mount --make-private /proc
  mount --bind "$root" /proc/fs
  mount --make-rprivate /proc/fs
  root=/proc/fs
fi
if [ "$SOTTO_NAMESPACE" != none ]; then
  IFS=:
  for folder in /proc /dev /tmp $folders; do
    mkdir -p "$root$folder"
    mount --rbind "$folder" "$root$folder"
  done
  unset IFS
fi
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 chroot "$root" \
  sh -c 'cd "$1" && shift && exec "$@"' sh "$cwd" "$@"
