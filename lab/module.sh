#!/bin/sh
# SPDX-License-Identifier: MIT
# Run in a mount namespace of its own: module.sh TREE FOLDER RELEASE [VARIABLE=VALUE...]
# Builds the modules of a folder of kernel source with the compiler, and for the kernel headers, that are in TREE.
set -eu
tree=$1 folder=$2 release=$3
shift 3
# objtool reads /proc when it builds for 7.2 and later.
mount -t proc proc "$tree/proc"
mount --bind "$folder" "$tree/mnt"
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C exec chroot "$tree" \
    make -s -j"$(nproc)" -C "/lib/modules/$release/build" M=/mnt "$@" modules
