#!/bin/sh
# enter-root.sh ROOT CWD FOLDERS COMMAND...
# Runs a command inside a private Debian root, in a mount namespace of its own, where FOLDERS (separated by colons) are
# at the same paths as outside. The process, its standard streams and its other open files stay those of the caller.
# An ordinary user becomes root of a user namespace.
set -eu
PATH=$PATH:/usr/sbin:/sbin
if [ "${SOTTO_NAMESPACE-}" != inside ]; then
  if [ "$(id -u)" = 0 ]; then user=; else user='--user --map-root-user'; fi
  SOTTO_NAMESPACE=inside exec unshare --mount $user "$0" "$@"
fi
root=$1 cwd=$2 folders=$3
shift 3
IFS=:
for folder in /proc /dev /tmp $folders; do
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
unset IFS
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 chroot "$root" \
  sh -c 'cd "$1" && shift && exec "$@"' sh "$cwd" "$@"
